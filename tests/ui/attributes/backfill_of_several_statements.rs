use kontract::prelude::*;

#[derive(Serialize, Deserialize, Table)]
pub struct User {
    #[primkey]
    pub id: String,
    #[backfill = "1; DROP TABLE users"]
    pub email: String,
}

fn main() {}
