use kontract::prelude::*;

#[derive(Table)]
#[table(layout = "columns", standalone)]
pub struct Note {
    #[primkey]
    pub id: i64,
    #[default(sql = "other + 1")]
    pub of_a_column: i64,
    #[created_at]
    #[default(sql = "now()")]
    pub twice: Timestamp,
    pub other: i64,
}

fn main() {}
