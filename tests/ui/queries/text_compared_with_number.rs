include!("../tables.rs");

pub async fn query(tasks: kontract::Table<Task>) {
    let _ = tasks.query(Task::title.eq(Task::points)).await;
}
