use kontract::prelude::*;

#[derive(Table)]
#[table(standalone, layout = "columns")]
pub struct User {
    #[primkey]
    pub id: String,
    #[check(age > 0)]
    pub age: i32,
}

fn main() {}
