use kontract::prelude::*;

#[derive(Table)]
#[table(layout = "columns", standalone, check("ends > strat AND lower(kind) IN ('a', 'b')"))]
pub struct Shift {
    #[primkey]
    pub id: i64,
    #[check("start >= 0")]
    pub start: i64,
    pub ends: i64,
    pub kind: String,
}

fn main() {}
