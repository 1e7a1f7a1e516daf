use kontract::prelude::*;

#[derive(Serialize, Deserialize, Table)]
#[index(id)]
pub struct User {
    #[primkey]
    pub id: String,
}

fn main() {}
