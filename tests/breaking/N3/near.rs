#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    #[default(0)]
    rating: Option<i64>,
}
