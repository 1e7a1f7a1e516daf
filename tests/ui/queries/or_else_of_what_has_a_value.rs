include!("../tables.rs");

pub async fn query(tasks: kontract::Table<Task>) {
    let _ = tasks.list().select(Task::points.or_else(0)).await;
    let _ = tasks.list().select(Task::points.expr().or_else(0)).await;
}
