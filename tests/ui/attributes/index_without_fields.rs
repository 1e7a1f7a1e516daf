use kontract::prelude::*;

#[derive(Serialize, Deserialize, Table)]
#[table(standalone, index())]
pub struct User {
    #[primkey]
    pub id: String,
}

fn main() {}
