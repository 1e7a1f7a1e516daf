use kontract::prelude::*;

#[derive(Serialize, Deserialize, Table)]
#[table(name = "a", name = "b")]
pub struct User {
    #[primkey]
    pub id: String,
}

fn main() {}
