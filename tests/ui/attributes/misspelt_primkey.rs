use kontract::prelude::*;

#[derive(Serialize, Deserialize, Table)]
pub struct User {
    #[primekey]
    pub id: String,
}

fn main() {}
