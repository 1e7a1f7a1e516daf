// The tables that the cases of `queries/` are about: each of them is its wrong lines alone.
use kontract::prelude::*;

#[derive(Table)]
#[table(standalone, layout = "columns")]
pub struct User {
    #[primkey]
    pub id: String,
    pub name: String,
}

#[derive(Table)]
#[table(standalone, layout = "columns")]
pub struct Task {
    #[primkey]
    pub id: i64,
    pub parent: Option<i64>,
    pub user: String,
    pub title: String,
    pub points: i32,
    pub due: Option<i64>,
}

fn main() {}
