use kontract::prelude::*;

#[derive(Serialize, Deserialize, Table)]
#[table(standalone, name = "")]
pub struct User {
    #[primkey]
    pub id: String,
}

fn main() {}
