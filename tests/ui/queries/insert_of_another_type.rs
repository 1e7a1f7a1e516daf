include!("../tables.rs");

pub async fn query(tasks: kontract::Table<Task>, users: kontract::Table<User>) {
    let _ = tasks.list().insert_into(&users).set(User::id, Task::points).await;
}
