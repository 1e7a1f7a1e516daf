#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    title: String,
    #[backfill = "length(title)"]
    #[check("rating > 0")]
    rating: Option<i64>,
}
