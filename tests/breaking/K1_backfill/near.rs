#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    title: String,
    #[backfill = "1"]
    #[check("rating > 0")]
    rating: Option<i64>,
}
