use kontract::prelude::*;

#[derive(Table)]
#[table(
    layout = "columns",
    standalone,
    check("n"),
    check("name"),
    check("1"),
    check("n > 0 AND lower(name)"),
    check("done = 1"),
    check("name > 5"),
    index(name, where = "n"),
    check("done"),
    check(postgres = "n > 0", sqlite = "n")
)]
pub struct Task {
    #[primkey]
    pub id: i64,
    pub n: i32,
    pub name: String,
    pub done: bool,
}

fn main() {}
