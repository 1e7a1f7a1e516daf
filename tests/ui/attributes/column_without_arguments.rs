use kontract::prelude::*;

#[derive(Table)]
#[table(standalone, layout = "columns")]
pub struct User {
    #[primkey]
    pub id: String,
    #[column]
    pub email: String,
}

fn main() {}
