//! The tables of the examples in the documentation, in a SQLite database in memory.

pub use kontract::expr::*;
pub use kontract::prelude::*;
pub use kontract::query::*;
pub use kontract::raw::*;
pub use kontract::storage::Base;
pub use kontract::{Column, Error, Filter, Isolation, Kind, Result, Table, Transaction};

#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone)]
pub struct User {
    #[primkey]
    pub id: i64,
    #[unique]
    pub email: String,
    pub name: String,
    pub born: Option<i32>,
}

#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone)]
pub struct Task {
    #[primkey]
    pub id: i64,
    pub user_id: i64,
    pub title: String,
    pub points: i32,
    pub done: bool,
}

#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone, ordered, versioned, soft_delete)]
pub struct Job {
    #[primkey]
    pub id: i64,
    pub name: String,
}

/// Returns a database with three users. Ann, born in 1990, has two tasks: "Buy milk" (2 points, done) and
/// "Write a letter" (3 points); Bob has one: "Buy bread" (1 point); Cem has no task.
pub async fn database() -> Result<Base> {
    let base = Base::open("sqlite::memory:").await?;
    base.create::<User>().await?;
    base.create::<Task>().await?;
    let user = |id, name: &str, born| User {
        id,
        email: format!("{}@example.org", name.to_lowercase()),
        name: name.to_owned(),
        born,
    };
    base.table::<User>()
        .insert_many([user(1, "Ann", Some(1990)), user(2, "Bob", None), user(3, "Cem", None)])
        .await?;
    let task = |id, user_id, title: &str, points, done| Task {
        id,
        user_id,
        title: title.to_owned(),
        points,
        done,
    };
    let all = [
        task(1, 1, "Buy milk", 2, true),
        task(2, 1, "Write a letter", 3, false),
        task(3, 2, "Buy bread", 1, false),
    ];
    base.table::<Task>().insert_many(all).await?;
    Ok(base)
}

/// Returns the handles of users and tasks.
pub async fn demo() -> Result<(Table<User>, Table<Task>)> {
    let base = database().await?;
    Ok((base.table(), base.table()))
}

/// Returns an empty queue.
pub async fn jobs() -> Result<Table<Job>> {
    let base = Base::open("sqlite::memory:").await?;
    base.create::<Job>().await?;
    Ok(base.table())
}
