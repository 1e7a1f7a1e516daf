use kontract::prelude::*;

#[derive(Serialize, Deserialize, Table)]
#[table(standalone, name = "../users")]
pub struct User {
    #[primkey]
    pub id: String,
}

fn main() {}
