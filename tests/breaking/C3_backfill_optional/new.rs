#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    title: String,
    #[backfill("length(title)")]
    letters: Option<i64>,
}
