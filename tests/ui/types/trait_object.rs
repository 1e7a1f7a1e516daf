use kontract::prelude::*;

#[derive(Table)]
#[table(layout = "columns")]
pub struct User {
    #[primkey]
    pub id: String,
    pub field: Box<dyn std::fmt::Debug>,
}

fn main() {}
