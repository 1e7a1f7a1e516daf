use kontract::prelude::*;

#[derive(Serialize, Deserialize, Table)]
pub struct User {
    #[primkey]
    pub id: String,
    #[primkey]
    pub email: String,
    #[primkey]
    pub phone: String,
}

fn main() {}
