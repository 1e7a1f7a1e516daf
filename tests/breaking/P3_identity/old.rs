#[derive(Table)]
#[table(layout = "columns", keyless)]
struct Visit {
    page: String,
}
