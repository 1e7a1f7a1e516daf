use kontract::prelude::*;

#[derive(Serialize, Deserialize, Table)]
pub struct User {
    #[primkey]
    pub id: String,
    #[references(User)]
    pub friend: String,
}

fn main() {}
