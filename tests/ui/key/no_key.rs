use kontract::prelude::*;

#[derive(Serialize, Deserialize, Table)]
pub struct User {
    pub id: String,
    pub name: String,
}

fn main() {}
