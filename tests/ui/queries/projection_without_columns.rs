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
    pub user: String,
    pub title: String,
    pub points: i32,
    pub due: Option<i64>,
}

#[derive(Projection)]
pub struct TaskWithUser {
    #[column(Task::title)]
    title: String,
    user: String,
}

#[derive(Projection)]
pub struct Named {
    title: String,
}

pub async fn query(tasks: kontract::Table<Task>) {
    let _ = tasks.list().select_as::<Named>().await;
}

#[derive(Projection)]
pub enum Title {
    Task,
}

fn main() {}
