use kontract::prelude::*;

#[derive(Serialize, Deserialize, Table)]
pub struct Abbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb {
    #[primkey]
    pub id: String,
}

fn main() {}
