use kontract::prelude::*;

#[derive(Table)]
#[table(standalone, layout = "columns", primary_key(id, emial))]
pub struct User {
    pub id: String,
    pub email: String,
}

fn main() {}
