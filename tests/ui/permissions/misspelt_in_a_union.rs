use kontract::prelude::*;

#[derive(Serialize, Deserialize, Table)]
#[table(standalone)]
pub struct User {
    #[primkey]
    pub id: String,
    #[perm(R__ | W__)]
    pub field: String,
}

fn main() {}
