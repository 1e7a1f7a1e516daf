use kontract::prelude::*;

#[derive(Serialize, Deserialize, Table)]
#[table(primary_key(id, email))]
pub struct User {
    pub id: String,
    pub email: String,
}

fn main() {}
