use kontract::prelude::*;

#[derive(Table)]
#[table(layout = "columns", standalone, check("price > 0; DROP TABLE items"))]
pub struct Item {
    #[primkey]
    pub id: i64,
    #[check("price > 0 -- free is 1")]
    pub price: i64,
    #[check("(count > 0")]
    pub count: i64,
    #[check("weight >= ")]
    pub weight: i64,
    #[check("size > 0, size < 9")]
    pub size: i64,
}

fn main() {}
