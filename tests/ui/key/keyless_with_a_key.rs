use kontract::prelude::*;

#[derive(Table)]
#[table(layout = "columns", keyless)]
pub struct Visit {
    #[primkey]
    pub id: i64,
    pub page: String,
}

#[derive(Table)]
#[table(layout = "columns", keyless, primary_key(page))]
pub struct Click {
    pub page: String,
}

fn main() {}
