include!("../tables.rs");

pub async fn insert(tasks: kontract::Table<Task>) {
    let _ = tasks.insert(NewTask::new(1, "me", "title")).await;
}
