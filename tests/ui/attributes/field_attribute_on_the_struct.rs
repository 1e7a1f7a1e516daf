use kontract::prelude::*;

#[derive(Serialize, Deserialize, Table)]
#[primkey]
pub struct User {
    #[primkey]
    pub id: String,
}

fn main() {}
