use kontract::prelude::*;

#[derive(Table)]
#[table(layout = "columns")]
pub struct User {
    #[primkey]
    pub id: String,
    pub field: std::collections::HashMap<String, String>,
}

fn main() {}
