use kontract::prelude::*;

#[derive(Table)]
#[table(layout = "columns", standalone, references(fields(a, b), Other, on_update = "set_default"))]
pub struct Post {
    #[primkey]
    pub id: i64,
    #[references(Author, on_delete = "set_null")]
    pub author: i64,
    #[references(Author, on_delete = "set_default")]
    #[default(0)]
    pub editor: i64,
    #[references(Author, on_delete = "set_default", on_update = "set_null")]
    pub reader: Option<i64>,
    #[default(1)]
    pub a: i64,
    pub b: i64,
}

fn main() {}
