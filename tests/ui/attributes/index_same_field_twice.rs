use kontract::prelude::*;

#[derive(Serialize, Deserialize, Table)]
#[table(standalone, index(email, email))]
pub struct User {
    #[primkey]
    pub id: String,
    pub email: String,
}

fn main() {}
