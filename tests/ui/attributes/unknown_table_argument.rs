use kontract::prelude::*;

#[derive(Serialize, Deserialize, Table)]
#[table(colour = "red")]
pub struct User {
    #[primkey]
    pub id: String,
}

fn main() {}
