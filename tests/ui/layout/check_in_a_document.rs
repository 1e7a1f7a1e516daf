use kontract::prelude::*;

#[derive(Serialize, Deserialize, Table)]
#[table(standalone, check("true"))]
pub struct User {
    #[primkey]
    pub id: String,
    #[check("age > 0")]
    pub age: f64,
}

fn main() {}
