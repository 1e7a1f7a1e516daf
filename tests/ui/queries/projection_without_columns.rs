include!("../tables.rs");

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
