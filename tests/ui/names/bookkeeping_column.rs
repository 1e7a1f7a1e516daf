use kontract::prelude::*;

#[derive(Table)]
#[table(standalone, layout = "columns")]
pub struct User {
    #[primkey]
    pub id: String,
    pub _version: i32,
    pub _owner: String,
    pub _Txid: i64,
}

fn main() {}
