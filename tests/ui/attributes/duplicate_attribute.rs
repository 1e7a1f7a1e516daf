use kontract::prelude::*;

#[derive(Serialize, Deserialize, Table)]
pub struct User {
    #[primkey]
    pub id: String,
    #[index]
    #[index]
    pub email: String,
}

fn main() {}
