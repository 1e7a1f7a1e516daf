use kontract::prelude::*;

#[derive(Table)]
#[table(external, check("id > 0"))]
#[removed("old")]
struct Account {
    #[primkey]
    id: i64,
    #[index]
    #[unique]
    name: String,
    #[references(Other)]
    other: i64,
}

fn main() {}
