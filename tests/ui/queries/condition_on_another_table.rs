include!("../tables.rs");

pub async fn query(tasks: kontract::Table<Task>) {
    let _ = tasks.list().filter(User::name.eq("Al")).await;
}
