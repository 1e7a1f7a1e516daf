use kontract::prelude::*;

#[derive(Serialize, Deserialize, Table)]
#[table(standalone)]
pub struct User {
    #[primkey]
    #[perm(_W_)]
    pub id: String,
}

fn main() {}
