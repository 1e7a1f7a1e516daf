use kontract::prelude::*;

#[derive(Serialize, Deserialize, Table)]
#[table(layout = "rows")]
pub struct User {
    #[primkey]
    pub id: String,
}

fn main() {}
