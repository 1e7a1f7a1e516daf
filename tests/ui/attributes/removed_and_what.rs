use kontract::prelude::*;

#[derive(Serialize, Deserialize, Table)]
#[removed("mail", hold)]
pub struct User {
    #[primkey]
    pub id: String,
    pub email: String,
}

fn main() {}
