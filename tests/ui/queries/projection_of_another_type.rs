include!("../tables.rs");

#[derive(Projection)]
#[projection(Task)]
pub struct Title {
    title: i64,
    due: i64,
}
