use kontract::prelude::*;

#[derive(Table)]
#[table(standalone, layout = "columns")]
pub struct User {
    #[primkey]
    pub id: String,
    pub age: i32,
}

pub fn patch() -> UserPatch {
    User::patch().id("other")
}

fn main() {}
