//! Tasks of users.

use kontract::expr::count;
use kontract::prelude::*;
use kontract::table::Patch;
use kontract::{Result, Table};

use crate::{Storage, User};

/// The status of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Enum)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// To be done.
    Pending,
    /// Done.
    Completed,
}

/// A task.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns")]
pub struct Task {
    /// A UUID v7, as text.
    #[primkey]
    pub id: String,
    /// The user.
    #[references(User)]
    #[index]
    pub user_id: String,
    /// The title.
    pub title: String,
    /// The status.
    #[default(Status::Pending)]
    pub status: Status,
    /// Kept by the runtime.
    #[created_at]
    pub created_at: jiff::Timestamp,
    /// Kept by the runtime.
    #[updated_at]
    pub updated_at: jiff::Timestamp,
}

/// A task and the name of its user: fields that are columns of two tables.
#[derive(Clone, Debug, PartialEq, Projection)]
#[projection(Task)]
pub struct TaskWithUser {
    /// The task.
    pub id: String,
    /// The title of the task.
    pub title: String,
    /// The user.
    #[column(User::name)]
    pub user_name: String,
}

/// The operations on tasks.
#[derive(Clone)]
pub struct TaskRepository {
    tasks: Table<Task>,
}

impl TaskRepository {
    /// The repository on a storage, or on the handles of a transaction.
    pub fn new(storage: &Storage) -> TaskRepository {
        TaskRepository { tasks: storage.tasks.clone() }
    }

    /// All tasks, oldest first.
    pub async fn find_all(&self) -> Result<Vec<Task>> {
        self.tasks.list().order_by(Task::id.asc()).await
    }

    /// The task with this id.
    pub async fn find_by_id(&self, id: &str) -> Result<Option<Task>> {
        self.tasks.get(id).await
    }

    /// The tasks of a user.
    pub async fn find_by_user(&self, user_id: &str) -> Result<Vec<Task>> {
        self.tasks.query(Task::user_id.eq(user_id)).await
    }

    /// All tasks with the names of their users.
    pub async fn find_with_users(&self) -> Result<Vec<TaskWithUser>> {
        self.tasks.list().join::<User>(User::id.eq(Task::user_id)).select_as::<TaskWithUser>().await
    }

    /// The number of tasks with each status.
    pub async fn count_by_status(&self) -> Result<Vec<(Status, i64)>> {
        self.tasks
            .list()
            .group_by(Task::status)
            .order_by(|status| status.desc())
            .select(|status| (status, count()))
            .await
    }

    /// Inserts a task. Id, status and times get their defaults.
    pub async fn create(&self, user_id: &str, title: &str) -> Result<Task> {
        self.tasks.insert(NewTask::new(user_id, title)).await
    }

    /// Changes some fields, and `updated_at`.
    pub async fn update(&self, id: &str, patch: impl Into<Patch<Task>>) -> Result<Task> {
        self.tasks.update(id, patch).await
    }

    /// Completes all tasks of a user. Returns those that were not done before.
    pub async fn complete_all(&self, user_id: &str) -> Result<Vec<Task>> {
        self.tasks
            .query(Task::user_id.eq(user_id) & Task::status.eq(Status::Pending))
            .update_returning(Task::patch().status(Status::Completed))
            .await
    }

    /// Deletes a task. Returns whether it existed.
    pub async fn delete(&self, id: &str) -> Result<bool> {
        self.tasks.delete(id).await
    }
}
