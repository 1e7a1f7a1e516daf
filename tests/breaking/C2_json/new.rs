#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    title: String,
    #[default("{}")]
    meta: Json,
    #[default("[1, 2]")]
    ranks: Vec<i32>,
    #[default("2026-01-31")]
    day: jiff::civil::Date,
}
