use kontract::prelude::*;

#[derive(Serialize, Deserialize, Table)]
#[table(standalone)]
pub struct User {
    #[primkey]
    pub id: String,
    #[default("00000000-0000-0000")]
    pub field: Uuid,
}

fn main() {}
