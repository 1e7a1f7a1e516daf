include!("../tables.rs");

pub async fn query(tasks: kontract::Table<Task>, users: kontract::Table<User>) {
    let _ = tasks.list().select(Task::points).union(users.list().select(User::name)).await;
}
