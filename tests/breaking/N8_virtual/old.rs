#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    price: i64,
    n: i64,
    #[generated("price / 2 - n / 2")]
    total: i64,
}
