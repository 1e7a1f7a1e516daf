//! Notifications of users.

use kontract::prelude::*;
use kontract::{Result, Table};

use crate::Storage;

/// The severity of a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Enum)]
#[serde(rename_all = "lowercase")]
pub enum NotificationType {
    /// Information.
    Info,
    /// Success.
    Success,
    /// A warning.
    Warning,
    /// An error.
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
    /// The severity. `type` is a keyword of Rust, so the column has another name than the field.
    #[column(name = "type")]
    #[default(NotificationType::Info)]
    pub kind: NotificationType,
    /// The title.
    pub title: String,
    /// The text.
    pub message: String,
    /// When it was read; `None` if it is unread.
    pub read_at: Option<jiff::Timestamp>,
    /// Kept by the runtime.
    #[created_at]
    pub created_at: jiff::Timestamp,
}

/// The operations on notifications.
#[derive(Clone)]
pub struct NotificationRepository {
    notifications: Table<Notification>,
}

impl NotificationRepository {
    /// The repository on a storage, or on the handles of a transaction.
    pub fn new(storage: &Storage) -> NotificationRepository {
        NotificationRepository { notifications: storage.notifications.clone() }
    }

    /// All notifications, oldest first.
    pub async fn find_all(&self) -> Result<Vec<Notification>> {
        self.notifications.list().order_by(Notification::id.asc()).await
    }

    /// The notification with this id.
    pub async fn find_by_id(&self, id: &str) -> Result<Option<Notification>> {
        self.notifications.get(id).await
    }

    /// The notifications of a user, newest first.
    pub async fn find_by_user(&self, user_id: &str) -> Result<Vec<Notification>> {
        self.notifications
            .query(Notification::user_id.eq(user_id))
            .order_by(Notification::id.desc())
            .await
    }

    /// The number of unread notifications of a user.
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

    /// Marks a notification as read.
    pub async fn mark_read(&self, id: &str) -> Result<Notification> {
        self.notifications.update(id, Notification::patch().read_at(Timestamp::now())).await
    }

    /// Marks all notifications of a user as read. Returns how many were unread.
    pub async fn mark_all_read(&self, user_id: &str) -> Result<u64> {
        self.notifications
            .query(Notification::user_id.eq(user_id) & Notification::read_at.is_null())
            .update(Notification::patch().read_at(Timestamp::now()))
            .await
    }

    /// Deletes a notification. Returns whether it existed.
    pub async fn delete(&self, id: &str) -> Result<bool> {
        self.notifications.delete(id).await
    }
}
