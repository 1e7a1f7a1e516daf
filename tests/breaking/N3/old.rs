#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    rating: Option<i64>,
}
