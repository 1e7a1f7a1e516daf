include!("../tables.rs");

pub async fn query(tasks: kontract::Table<Task>) {
    let _ = tasks.query(Task::title.at("x").get::<String>().eq("x")).await;
    let _ = tasks.query(Task::title.lower().at("x").get::<String>().eq("x")).await;
}
