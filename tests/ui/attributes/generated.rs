use kontract::prelude::*;

#[derive(Table)]
#[table(layout = "columns", standalone)]
pub struct Line {
    #[primkey]
    pub id: i64,
    pub price: i64,
    #[generated]
    pub nothing: i64,
    #[generated("price * 2", stored)]
    pub unknown: i64,
}

fn main() {}
