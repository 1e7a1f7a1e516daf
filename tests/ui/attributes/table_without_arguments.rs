use kontract::prelude::*;

#[derive(Serialize, Deserialize, Table)]
#[table]
pub struct User {
    #[primkey]
    pub id: String,
}

fn main() {}
