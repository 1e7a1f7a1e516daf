use kontract::prelude::*;

#[derive(Serialize, Deserialize, Enum)]
#[serde(untagged)]
pub enum Status {
    Draft,
}

fn main() {}
