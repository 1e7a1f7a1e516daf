#[derive(Table)]
#[table(layout = "columns")]
struct Visit {
    #[primkey(identity)]
    id: i64,
    page: String,
}
