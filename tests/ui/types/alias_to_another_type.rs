use kontract::prelude::*;


type String = i64;

#[derive(Table)]
#[table(standalone, layout = "columns")]
pub struct User {
    #[primkey]
    pub id: i64,
    pub name: String,
}

fn main() {}
