use kontract::prelude::*;

#[derive(Table)]
#[table(standalone, layout = "columns")]
pub struct User {
    #[primkey]
    pub id: String,
    #[updated_at]
    pub updated: Option<Timestamp>,
}

fn main() {}
