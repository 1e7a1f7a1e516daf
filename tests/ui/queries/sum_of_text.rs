include!("../tables.rs");

pub async fn query(tasks: kontract::Table<Task>) {
    let _ = tasks.list().aggregate(Task::title.sum()).await;
}
