use kontract::prelude::*;

#[derive(Serialize, Deserialize, Enum)]
pub enum Status {
    Draft,
    #[serde(rename = "Draft")]
    Other,
}

fn main() {}
