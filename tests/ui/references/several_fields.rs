use kontract::prelude::*;

#[derive(Table)]
#[table(layout = "columns", standalone)]
#[table(references(fields(a, c), Other))]
#[table(references(fields(a, a), Other(x, y)))]
struct Fields {
    #[primkey]
    id: i64,
    a: i64,
}

#[derive(Table)]
#[table(layout = "columns", standalone)]
#[table(references(a, Other))]
#[table(references(fields(a), Other(x, y)))]
#[table(references(fields(), Other))]
#[table(references(fields(a, b), Other, field = "x"))]
#[table(references(fields(a, b), Other, on_delete = "explode"))]
struct Forms {
    #[primkey]
    id: i64,
    a: i64,
    b: i64,
}

fn main() {}
