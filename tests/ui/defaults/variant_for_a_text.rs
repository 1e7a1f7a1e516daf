use kontract::prelude::*;

#[derive(Serialize, Deserialize, Table)]
#[table(standalone)]
pub struct User {
    #[primkey]
    pub id: String,
    #[default(Status::Draft)]
    pub field: String,
}

fn main() {}
