include!("../tables.rs");

pub async fn query(tasks: kontract::Table<Task>) {
    let left = tasks.list().left_join::<User>(User::id.eq(Task::user));
    let rows: Vec<(Task, User)> =
        left.select((kontract::query::record::<Task>(), kontract::query::record::<User>())).await.unwrap();
    drop(rows);
}
