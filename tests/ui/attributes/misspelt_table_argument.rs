use kontract::prelude::*;

#[derive(Serialize, Deserialize, Table)]
#[table(standalon)]
pub struct User {
    #[primkey]
    pub id: String,
}

fn main() {}
