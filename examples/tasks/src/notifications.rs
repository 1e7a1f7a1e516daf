//! Notifications of users.

use kontract::prelude::*;
use kontract::{Result, Table};

use crate::Storage;

/// How a notification is meant, and shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Enum)]
#[serde(rename_all = "lowercase")]
pub enum NotificationType {
    /// Good to know.
    Info,
    /// Something went well.
    Success,
    /// Something may go wrong.
    Warning,
    /// Something went wrong.
    Error,
}

/// A notification of a user.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns")]
pub struct Notification {
    /// A UUID v7, as text.
    #[primkey]
    pub id: String,
    /// The recipient.
    #[references(User)]
    #[index]
    pub user_id: String,
    /// How it is meant. `type` is a word of Rust, so that the column has a name of its own.
    #[column(name = "type")]
    #[default(NotificationType::Info)]
    pub kind: NotificationType,
    /// In a few words.
    pub title: String,
    /// All of it.
    pub message: String,
    /// When it was read; none yet where it was not.
    pub read_at: Option<jiff::Timestamp>,
    /// Kept by the runtime.
    #[created_at]
    pub created_at: jiff::Timestamp,
}

/// All that the application asks and does about notifications.
#[derive(Clone)]
pub struct NotificationRepository {
    notifications: Table<Notification>,
}

impl NotificationRepository {
    /// On a storage, or on what the closure of a transaction gets.
    pub fn new(storage: &Storage) -> NotificationRepository {
        NotificationRepository { notifications: storage.notifications.clone() }
    }

    /// All of them, oldest first.
    pub async fn find_all(&self) -> Result<Vec<Notification>> {
        self.notifications.list().order_by(Notification::id.asc()).await
    }

    /// The one with that id.
    pub async fn find_by_id(&self, id: &str) -> Result<Option<Notification>> {
        self.notifications.get(id).await
    }

    /// Those of one user, newest first.
    pub async fn find_by_user(&self, user_id: &str) -> Result<Vec<Notification>> {
        self.notifications
            .query(Notification::user_id.eq(user_id))
            .order_by(Notification::id.desc())
            .await
    }

    /// How many a user has not read.
    pub async fn count_unread(&self, user_id: &str) -> Result<u64> {
        self.notifications
            .query(Notification::user_id.eq(user_id) & Notification::read_at.is_null())
            .count()
            .await
    }

    /// Sends a notification.
    pub async fn create(&self, notification: NewNotification) -> Result<Notification> {
        self.notifications.insert(notification).await
    }

    /// It was read.
    pub async fn mark_read(&self, id: &str) -> Result<Notification> {
        self.notifications.update(id, Notification::patch().read_at(Timestamp::now())).await
    }

    /// All of a user were read; says how many were not before.
    pub async fn mark_all_read(&self, user_id: &str) -> Result<u64> {
        self.notifications
            .query(Notification::user_id.eq(user_id) & Notification::read_at.is_null())
            .update(Notification::patch().read_at(Timestamp::now()))
            .await
    }

    /// Removes one; says whether there was one.
    pub async fn delete(&self, id: &str) -> Result<bool> {
        self.notifications.delete(id).await
    }
}
