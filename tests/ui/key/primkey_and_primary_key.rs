use kontract::prelude::*;

#[derive(Table)]
#[table(standalone, layout = "columns", primary_key(id, email))]
pub struct User {
    #[primkey]
    pub id: String,
    pub email: String,
}

fn main() {}
