include!("../tables.rs");

pub async fn query(tasks: kontract::Table<Task>) {
    let _ = tasks.list().order_by(User::name.asc()).await;
}
