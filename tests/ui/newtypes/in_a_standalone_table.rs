use kontract::prelude::*;

#[derive(Value)]
pub struct UserId(pub i64);

#[derive(Table)]
#[table(layout = "columns", standalone)]
pub struct User {
    #[primkey]
    pub id: UserId,
}

fn main() {}
