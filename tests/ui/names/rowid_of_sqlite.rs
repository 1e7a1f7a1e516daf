use kontract::prelude::*;

#[derive(Table)]
#[table(standalone, layout = "columns")]
pub struct User {
    #[primkey]
    pub rowid: i64,
    pub oid: i64,
}

fn main() {}
