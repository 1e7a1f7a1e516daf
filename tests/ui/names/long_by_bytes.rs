use kontract::prelude::*;

#[derive(Table)]
#[table(standalone, layout = "columns")]
pub struct User {
    #[primkey]
    pub id: String,
    pub éééééééééééééééééééééééééééééééé: String,
}

fn main() {}
