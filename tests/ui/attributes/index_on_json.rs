use kontract::prelude::*;

#[derive(Serialize, Deserialize, Table)]
pub struct User {
    #[primkey]
    pub id: String,
    #[index]
    pub extra: Json,
}

fn main() {}
