use kontract::prelude::*;

#[derive(Table)]
#[table(layout = "columns", standalone)]
pub struct Note {
    #[primkey]
    pub id: i64,
    #[default(sql = "")]
    pub empty: i64,
    #[default(sql = "now(")]
    pub open: i64,
    #[default(postgres = "1")]
    pub one_database: i64,
    #[default(sqll = "1")]
    pub misspelt: i64,
}

fn main() {}
