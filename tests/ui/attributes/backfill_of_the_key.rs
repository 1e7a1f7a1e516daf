use kontract::prelude::*;

#[derive(Serialize, Deserialize, Table)]
pub struct User {
    #[primkey]
    #[backfill = "1"]
    pub id: String,
}

fn main() {}
