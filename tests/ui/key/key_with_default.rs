use kontract::prelude::*;

#[derive(Serialize, Deserialize, Table)]
pub struct User {
    #[primkey]
    #[default("x")]
    pub id: String,
}

fn main() {}
