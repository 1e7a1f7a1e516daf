use kontract::prelude::*;

#[derive(Serialize, Deserialize, Table)]
#[table(standalone)]
pub struct User {
    #[primkey]
    pub id: String,
    #[serde(rename(serialize = "a", deserialize = "b"))]
    pub field: String,
}

fn main() {}
