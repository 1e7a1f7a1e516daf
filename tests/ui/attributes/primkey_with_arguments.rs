use kontract::prelude::*;

#[derive(Serialize, Deserialize, Table)]
pub struct User {
    #[primkey(auto)]
    pub id: String,
}

fn main() {}
