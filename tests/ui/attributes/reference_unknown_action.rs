use kontract::prelude::*;

#[derive(Table)]
#[table(standalone, layout = "columns")]
pub struct User {
    #[primkey]
    pub id: String,
    #[references(User, on_delete = "explode")]
    pub author: String,
}

fn main() {}
