use kontract::prelude::*;

#[derive(Serialize, Deserialize, Enum)]
pub enum Status {
    #[serde(rename = "a, b")]
    Draft,
}

fn main() {}
