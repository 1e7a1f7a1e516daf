use kontract::prelude::*;

#[derive(Table)]
#[table(standalone, layout = "columns", owned, shared)]
pub struct Note {
    #[primkey]
    pub id: i64,
}

fn main() {}
