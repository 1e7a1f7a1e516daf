use kontract::prelude::*;

#[derive(Serialize, Deserialize, Table)]
pub struct User {
    #[primary_key]
    pub id: String,
}

fn main() {}
