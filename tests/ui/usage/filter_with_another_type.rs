use kontract::prelude::*;

#[derive(Table)]
#[table(standalone, layout = "columns")]
pub struct User {
    #[primkey]
    pub id: String,
    pub age: i32,
}

pub fn filter() -> kontract::Filter<User> {
    User::age.gt("ten")
}

fn main() {}
