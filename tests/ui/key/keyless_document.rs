use kontract::prelude::*;

#[derive(Serialize, Deserialize, Table)]
#[table(keyless)]
pub struct Visit {
    pub page: String,
}

fn main() {}
