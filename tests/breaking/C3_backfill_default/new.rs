#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    title: String,
    #[default(0)]
    #[backfill = "length(title)"]
    letters: i64,
}
