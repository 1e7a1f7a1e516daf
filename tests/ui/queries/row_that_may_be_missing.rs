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
#[projection(Task)]
pub struct TaskWithUser {
    title: String,
    #[column(User::name)]
    user: String,
}

pub async fn query(tasks: kontract::Table<Task>) {
    let tasks = tasks.list().left_join::<User>(Task::user.eq(User::id));
    let _ = tasks.select_as::<TaskWithUser>().await;
}

fn main() {}
