use kontract::prelude::*;

#[derive(Serialize, Deserialize, Table)]
pub struct User {
    #[primkey]
    pub id: String,
    #[backfil = "1"]
    pub email: String,
}

fn main() {}
