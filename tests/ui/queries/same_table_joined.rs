include!("../tables.rs");

pub async fn query(tasks: kontract::Table<Task>) {
    let _ = tasks.list().join::<Task>(Task::parent.eq(Task::id)).await;
}
