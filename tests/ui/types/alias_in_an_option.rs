use kontract::prelude::*;


type Timestamp = std::string::String;

#[derive(Table)]
#[table(standalone, layout = "columns")]
pub struct User {
    #[primkey]
    pub id: String,
    pub seen: Option<Timestamp>,
}

fn main() {}
