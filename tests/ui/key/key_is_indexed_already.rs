use kontract::prelude::*;

#[derive(Serialize, Deserialize, Table)]
pub struct User {
    #[primkey]
    #[unique]
    pub id: String,
}

fn main() {}
