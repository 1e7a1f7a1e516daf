#[derive(Table)]
#[table(layout = "columns")]
struct Visit {
    #[primkey]
    page: String,
    seen: i64,
}
