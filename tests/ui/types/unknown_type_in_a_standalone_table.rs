use kontract::prelude::*;


type Id = u64;

#[derive(Table)]
#[table(standalone, layout = "columns")]
pub struct User {
    #[primkey]
    pub id: String,
    pub other: Id,
}

fn main() {}
