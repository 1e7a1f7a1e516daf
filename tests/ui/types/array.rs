use kontract::prelude::*;

#[derive(Table)]
#[table(layout = "columns")]
pub struct User {
    #[primkey]
    pub id: String,
    pub field: [u8; 32],
}

fn main() {}
