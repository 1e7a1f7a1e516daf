use kontract::prelude::*;


#[derive(Enum)]
pub enum Status {
    Draft,
    Published,
}

#[derive(Table)]
#[table(standalone, layout = "columns")]
pub struct User {
    #[primkey]
    pub id: String,
    pub status: Status,
}

fn main() {}
