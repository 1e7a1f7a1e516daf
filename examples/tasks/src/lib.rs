//! The data layer of a web application: users, sessions, notifications, uploaded files and tasks, each
//! in a module with its table and its repository. Everything is typed columns; ids are UUID v7 as text,
//! times are `TIMESTAMPTZ` on PostgreSQL and ISO 8601 text on SQLite.
//!
//! The structs are the only description of the schema. `kontract migrate create add_tasks` sealed the
//! migration of this name in `kontract.lock.json`, `Storage::connect` runs it, and `kontract refresh`
//! drops the tables, creates them again and runs `seeds/`.

mod assets;
mod notifications;
mod sessions;
mod tasks;
mod users;

use kontract::Result;

pub use self::assets::{Asset, AssetPatch, AssetRepository, NewAsset, Usage};
pub use self::notifications::{
    NewNotification, Notification, NotificationPatch, NotificationRepository, NotificationType,
};
pub use self::sessions::{NewSession, Session, SessionPatch, SessionRepository};
pub use self::tasks::{NewTask, Status, Task, TaskPatch, TaskRepository, TaskWithUser};
pub use self::users::{NewUser, Role, User, UserPatch, UserRepository};

kontract::storage!();

/// The repositories, on one storage.
#[derive(Clone)]
pub struct Repositories {
    /// Of users.
    pub users: UserRepository,
    /// Of sessions.
    pub sessions: SessionRepository,
    /// Of notifications.
    pub notifications: NotificationRepository,
    /// Of uploaded files.
    pub assets: AssetRepository,
    /// Of tasks.
    pub tasks: TaskRepository,
}

impl Repositories {
    /// The repositories on a storage, or on the handles of a transaction.
    pub fn new(storage: &Storage) -> Repositories {
        Repositories {
            users: UserRepository::new(storage),
            sessions: SessionRepository::new(storage),
            notifications: NotificationRepository::new(storage),
            assets: AssetRepository::new(storage),
            tasks: TaskRepository::new(storage),
        }
    }
}

/// Inserts a user, a first task, and a welcome notification, in one transaction.
///
/// # Errors
/// `Kind::Unique` if another user has this email address.
pub async fn register(storage: &Storage, user: NewUser, first_task: &str) -> Result<(User, Task)> {
    storage
        .transaction(async |tx| {
            let of = Repositories::new(&tx);
            let user = of.users.create(user.clone()).await?;
            let task = of.tasks.create(&user.id, first_task).await?;
            let welcome = NewNotification::new(&user.id, "Welcome", "Your first task is waiting.");
            of.notifications.create(welcome).await?;
            Ok((user, task))
        })
        .await
}
