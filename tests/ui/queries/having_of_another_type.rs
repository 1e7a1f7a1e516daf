include!("../tables.rs");

pub async fn query(tasks: kontract::Table<Task>) {
    let groups = tasks.list().group_by(Task::user).having(|user| user.eq(1)).select(|user| user);
    let _ = groups.await;
}
