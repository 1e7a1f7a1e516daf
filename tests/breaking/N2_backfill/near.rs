#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    title: String,
    #[default("")]
    #[backfill = "lower(title)"]
    slug: Option<String>,
}
