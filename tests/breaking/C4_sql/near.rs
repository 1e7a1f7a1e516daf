#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    title: String,
    #[default("2026-01-31T00:00:00")]
    seen: jiff::civil::DateTime,
}
