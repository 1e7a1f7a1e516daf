use kontract::prelude::*;

#[derive(Serialize, Deserialize, Document)]
#[serde(transparent)]
pub struct Address {
    pub city: String,
}

fn main() {}
