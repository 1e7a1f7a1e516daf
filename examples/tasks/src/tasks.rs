//! What users have to do.

use kontract::expr::count;
use kontract::prelude::*;
use kontract::table::Patch;
use kontract::{Result, Table};

use crate::{Storage, User};

/// How far a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Enum)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// To be done.
    Pending,
    /// Done.
    Completed,
}

/// Something to do.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns")]
pub struct Task {
    /// A UUID v7, as text.
    #[primkey]
    pub id: String,
    /// Who has to do it.
    #[references(User)]
    #[index]
    pub user_id: String,
    /// What.
    pub title: String,
    /// How far it is.
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
    /// What is to be done.
    pub title: String,
    /// Who has to do it.
    #[column(User::name)]
    pub user_name: String,
}

/// All that the application asks and does about tasks.
#[derive(Clone)]
pub struct TaskRepository {
    tasks: Table<Task>,
}

impl TaskRepository {
    /// On a storage, or on what the closure of a transaction gets.
    pub fn new(storage: &Storage) -> TaskRepository {
        TaskRepository { tasks: storage.tasks.clone() }
    }

    /// All of them, oldest first.
    pub async fn find_all(&self) -> Result<Vec<Task>> {
        self.tasks.list().order_by(Task::id.asc()).await
    }

    /// The one with that id.
    pub async fn find_by_id(&self, id: &str) -> Result<Option<Task>> {
        self.tasks.get(id).await
    }

    /// Those of one user.
    pub async fn find_by_user(&self, user_id: &str) -> Result<Vec<Task>> {
        self.tasks.query(Task::user_id.eq(user_id)).await
    }

    /// All of them with the names of their users.
    pub async fn find_with_users(&self) -> Result<Vec<TaskWithUser>> {
        self.tasks.list().join::<User>(User::id.eq(Task::user_id)).select_as::<TaskWithUser>().await
    }

    /// How many there are of each status.
    pub async fn count_by_status(&self) -> Result<Vec<(Status, i64)>> {
        self.tasks
            .list()
            .group_by(Task::status)
            .order_by(|status| status.desc())
            .select(|status| (status, count()))
            .await
    }

    /// Adds one. Id, status and times are filled in.
    pub async fn create(&self, user_id: &str, title: &str) -> Result<Task> {
        self.tasks.insert(NewTask::new(user_id, title)).await
    }

    /// Changes some fields; `updated_at` follows.
    pub async fn update(&self, id: &str, patch: impl Into<Patch<Task>>) -> Result<Task> {
        self.tasks.update(id, patch).await
    }

    /// All tasks of a user are done; gives those that were not before.
    pub async fn complete_all(&self, user_id: &str) -> Result<Vec<Task>> {
        self.tasks
            .query(Task::user_id.eq(user_id) & Task::status.eq(Status::Pending))
            .update_returning(Task::patch().status(Status::Completed))
            .await
    }

    /// Removes one; says whether there was one.
    pub async fn delete(&self, id: &str) -> Result<bool> {
        self.tasks.delete(id).await
    }
}
