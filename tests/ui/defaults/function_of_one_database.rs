use kontract::prelude::*;

#[derive(Table)]
#[table(standalone, layout = "columns")]
pub struct User {
    #[primkey]
    pub id: String,
    #[default(sql = "to_char(now(), 'YYYY')")]
    pub year: String,
}

fn main() {}
