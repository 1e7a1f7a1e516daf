include!("../tables.rs");

pub async fn query(tasks: kontract::Table<Task>) {
    let _ = tasks.update(&1, Task::patch().title(5)).await;
}
