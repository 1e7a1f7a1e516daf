use kontract::prelude::*;

#[derive(Serialize, Deserialize, Table)]
#[table(standalone)]
pub struct User {
    #[primkey]
    pub id: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub field: String,
}

fn main() {}
