#[derive(Table)]
#[table(layout = "columns", keyless)]
struct Page {
    #[unique]
    id: i64,
    #[unique]
    path: String,
}

#[derive(Table)]
#[table(layout = "columns")]
struct Visit {
    #[primkey]
    id: i64,
    #[references(Page, field = "id")]
    page_id: i64,
}
