use kontract::prelude::*;

#[derive(Serialize, Deserialize, Table)]
#[table(standalone)]
pub struct User {
    #[primkey]
    pub id: String,
    #[default(-1)]
    pub field: u32,
}

fn main() {}
