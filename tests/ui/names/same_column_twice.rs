use kontract::prelude::*;

#[derive(Table)]
#[table(standalone, layout = "columns")]
pub struct User {
    #[primkey]
    pub id: String,
    #[column(name = "mail")]
    pub email: String,
    pub mail: String,
}

fn main() {}
