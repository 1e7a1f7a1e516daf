use kontract::prelude::*;

#[derive(Table)]
#[table(standalone, layout = "columns")]
pub struct User {
    #[primkey]
    pub id: String,
    #[references(User, deferred = "yes")]
    pub author: String,
}

fn main() {}
