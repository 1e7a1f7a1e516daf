include!("../tables.rs");

pub async fn query(tasks: kontract::Table<Task>, task: Task) {
    let _ = tasks.upsert(User::name, task).await;
}
