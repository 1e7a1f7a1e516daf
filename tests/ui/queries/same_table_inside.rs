include!("../tables.rs");

pub async fn query(tasks: kontract::Table<Task>) {
    let children = kontract::query::from::<Task, _>().filter(Task::parent.eq(Task::id));
    let _ = tasks.query(kontract::expr::exists(children)).await;
}
