include!("../tables.rs");

pub async fn query(tasks: kontract::Table<Task>) {
    let _ = tasks.update(1, Task::patch().set(Task::id, Task::due)).await;
    let _ = tasks.update(1, Task::patch().set(Task::title, Task::points)).await;
}
