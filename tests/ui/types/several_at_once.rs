use kontract::prelude::*;

#[derive(Table)]
#[table(standalone, layout = "columns")]
pub struct User {
    #[primkey]
    pub id: String,
    pub a: u64,
    pub b: [u8; 4],
    pub c: (i32, i32),
    pub d: &'static str,
}

fn main() {}
