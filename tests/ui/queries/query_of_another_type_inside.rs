include!("../tables.rs");

pub async fn query(tasks: kontract::Table<Task>) {
    let some = Task::points.is_in_query(kontract::query::from::<User, _>().select(User::name));
    let _ = tasks.query(some).await;
}
