use kontract::query::alias;

include!("../tables.rs");

alias!(Boss = User);

pub async fn query(tasks: kontract::Table<Task>) {
    let _ = tasks.list().join::<Boss>(Task::user.eq(Task::user.of(Boss))).await;
}
