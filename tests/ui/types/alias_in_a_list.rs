use kontract::prelude::*;


type Uuid = std::string::String;

#[derive(Table)]
#[table(standalone, layout = "columns")]
pub struct User {
    #[primkey]
    pub id: String,
    pub friends: Vec<Uuid>,
}

fn main() {}
