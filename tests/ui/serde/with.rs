use kontract::prelude::*;

mod text {
    pub fn serialize<S: serde::Serializer>(text: &str, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(text)
    }
    pub fn deserialize<'de, D: serde::Deserializer<'de>>(from: D) -> Result<String, D::Error> {
        serde::Deserialize::deserialize(from)
    }
}

#[derive(Serialize, Deserialize, Table)]
#[table(standalone)]
pub struct User {
    #[primkey]
    pub id: String,
    #[serde(with = "text")]
    pub field: String,
}

fn main() {}
