use kontract::prelude::*;

#[derive(Serialize, Deserialize, Table)]
#[table(versioned, owned)]
pub struct User {
    #[primkey]
    pub id: String,
}

fn main() {}
