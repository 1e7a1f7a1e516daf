use kontract::prelude::*;

#[derive(Serialize, Deserialize, Document)]
pub struct Address {
    #[index]
    pub city: String,
}

fn main() {}
