include!("../tables.rs");

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
