#[derive(Table)]
#[table(layout = "columns", check("cost > 0", name = "worth"))]
#[removed("price")]
struct Post {
    #[primkey]
    id: i64,
    cost: Option<i64>,
}
