#[derive(Table)]
#[table(layout = "columns", primary_key(page, seen))]
struct Visit {
    page: String,
    seen: i64,
}
