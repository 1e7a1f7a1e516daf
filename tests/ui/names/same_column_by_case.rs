use kontract::prelude::*;

#[derive(Table)]
#[table(standalone, layout = "columns")]
pub struct User {
    #[primkey]
    pub id: String,
    pub email: String,
    #[column(name = "EMAIL")]
    pub other: String,
}

fn main() {}
