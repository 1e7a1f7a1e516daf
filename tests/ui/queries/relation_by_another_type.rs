include!("../tables.rs");

pub async fn query(users: kontract::Table<User>) {
    let _ = users.list().with(Task::points).await;
}
