use kontract::expr::count;

include!("../tables.rs");

pub async fn query(tasks: kontract::Table<Task>) {
    let _ = tasks.list().group_by(Task::user).select(|user| (user, Task::title, count())).await;
}
