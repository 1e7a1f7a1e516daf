#[derive(Table)]
#[table(layout = "columns", check("price > 0", name = "worth"))]
struct Post {
    #[primkey]
    id: i64,
    price: i64,
    cost: Option<i64>,
}
