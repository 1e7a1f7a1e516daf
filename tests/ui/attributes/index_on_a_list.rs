use kontract::prelude::*;

#[derive(Serialize, Deserialize, Table)]
pub struct User {
    #[primkey]
    pub id: String,
    #[index]
    pub tags: Vec<String>,
}

fn main() {}
