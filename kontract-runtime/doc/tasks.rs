// What the examples of the documentation speak of: two tables with a few rows, in SQLite in memory.

use kontract::prelude::*;
use kontract::expr::*;
use kontract::query::*;
use kontract::raw::*;
use kontract::storage::Base;
use kontract::{Column, Filter, Kind, Result, Table, Transaction};

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

/// Ann, born in 1990, has bought milk (2 points) and has a letter to write (3); Bob has to buy bread (1);
/// Cem has nothing to do.
pub async fn demo() -> Result<(Table<User>, Table<Task>)> {
    let base = Base::open("sqlite::memory:").await?;
    base.create::<User>().await?;
    base.create::<Task>().await?;
    let user = |id, name: &str, born| User {
        id,
        email: format!("{}@example.org", name.to_lowercase()),
        name: name.to_owned(),
        born,
    };
    let users = base.table::<User>();
    users.insert_many([user(1, "Ann", Some(1990)), user(2, "Bob", None), user(3, "Cem", None)]).await?;
    let task = |id, user_id, title: &str, points, done| Task {
        id,
        user_id,
        title: title.to_owned(),
        points,
        done,
    };
    let tasks = base.table::<Task>();
    let all = [
        task(1, 1, "Buy milk", 2, true),
        task(2, 1, "Write a letter", 3, false),
        task(3, 2, "Buy bread", 1, false),
    ];
    tasks.insert_many(all).await?;
    Ok((users, tasks))
}
