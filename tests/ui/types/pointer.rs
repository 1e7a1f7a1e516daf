use kontract::prelude::*;

#[derive(Table)]
#[table(layout = "columns")]
pub struct User {
    #[primkey]
    pub id: String,
    pub field: *const u8,
}

fn main() {}
