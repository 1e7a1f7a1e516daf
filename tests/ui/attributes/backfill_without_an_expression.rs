use kontract::prelude::*;

#[derive(Serialize, Deserialize, Table)]
pub struct User {
    #[primkey]
    pub id: String,
    #[backfill]
    pub email: String,
}

fn main() {}
