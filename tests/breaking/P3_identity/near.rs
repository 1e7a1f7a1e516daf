#[derive(Table)]
#[table(layout = "columns", keyless)]
struct Visit {
    id: Option<i64>,
    page: String,
}
