include!("../tables.rs");

pub async fn query(tasks: kontract::Table<Task>) {
    let _ = tasks.query(Task::user.eq(User::id)).await;
}
