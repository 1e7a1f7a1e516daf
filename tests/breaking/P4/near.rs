#[derive(Table)]
#[table(layout = "columns", primary_key(page))]
struct Visit {
    page: String,
    seen: i64,
}
