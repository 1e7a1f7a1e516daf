use kontract::prelude::*;

#[derive(Serialize, Deserialize, Table)]
pub struct User {
    #[primkey]
    pub id: String,
    #[column(name = "mail")]
    pub email: String,
}

fn main() {}
