include!("../tables.rs");

#[derive(Projection)]
#[projection]
#[column(Task::title)]
pub struct Forms {
    #[column]
    no_arguments: i64,
    #[column()]
    nothing: i64,
    #[column(title)]
    no_table: String,
    #[column(Task::title)]
    #[column(Task::id)]
    twice: i64,
    #[projection(Task)]
    of_the_struct: i64,
}

#[derive(Projection)]
pub struct SomeFields {
    #[column(Task::title)]
    title: String,
    due: Option<i64>,
    done: bool,
}

#[derive(Projection)]
pub struct Generic<T> {
    value: T,
}

#[derive(Projection)]
pub struct Tuple(i64);

#[derive(Projection)]
pub struct Empty {}

pub async fn query(tasks: kontract::Table<Task>) {
    let _ = tasks.list().select_as::<Forms>().await;
    let _ = tasks.list().select_as::<SomeFields>().await;
}
