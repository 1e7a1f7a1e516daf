#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    price: i64,
    n: i64,
    #[generated("price / 4 + n / 4")]
    total: Option<i64>,
}
