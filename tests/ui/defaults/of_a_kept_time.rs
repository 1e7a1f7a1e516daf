use kontract::prelude::*;

#[derive(Table)]
#[table(standalone, layout = "columns")]
pub struct User {
    #[primkey]
    pub id: String,
    #[created_at]
    #[default(0)]
    pub created: Timestamp,
}

fn main() {}
