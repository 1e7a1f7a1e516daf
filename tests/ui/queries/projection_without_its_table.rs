include!("../tables.rs");

#[derive(Projection)]
#[projection(Task)]
pub struct TaskWithUser {
    title: String,
    #[column(User::name)]
    user: String,
}

pub async fn query(tasks: kontract::Table<Task>) {
    let _ = tasks.list().select_as::<TaskWithUser>().await;
}
