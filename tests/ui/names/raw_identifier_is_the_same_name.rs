use kontract::prelude::*;

#[derive(Table)]
#[table(standalone, layout = "columns")]
pub struct User {
    #[primkey]
    pub id: String,
    pub r#type: String,
    #[column(name = "type")]
    pub kind: String,
}

fn main() {}
