use kontract::prelude::*;

#[derive(Table)]
#[table(standalone, layout = "columns", primary_key(id, id))]
pub struct User {
    pub id: String,
    pub email: String,
}

fn main() {}
