use kontract::prelude::*;

#[derive(Serialize, Deserialize, Table)]
#[table(standalone, name = "_kontract_users")]
pub struct User {
    #[primkey]
    pub id: String,
}

fn main() {}
