use kontract::prelude::*;

#[derive(Serialize, Deserialize, Table)]
#[table(standalone, ptr = "pg_users")]
pub struct User {
    #[primkey]
    pub id: String,
}

fn main() {}
