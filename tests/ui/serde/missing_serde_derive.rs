use kontract::prelude::*;

#[derive(Table)]
#[table(standalone)]
pub struct User {
    #[primkey]
    pub id: String,
    pub name: String,
}

fn main() {}
