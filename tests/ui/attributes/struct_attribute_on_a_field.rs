use kontract::prelude::*;

#[derive(Serialize, Deserialize, Table)]
pub struct User {
    #[primkey]
    #[table(name = "x")]
    pub id: String,
}

fn main() {}
