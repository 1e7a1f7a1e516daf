#[derive(Table)]
#[table(layout = "columns")]
struct Page {
    #[primkey]
    id: i64,
    #[unique]
    path: String,
}

#[derive(Table)]
#[table(layout = "columns", keyless)]
struct Visit {
    id: i64,
    #[references(Page)]
    page_id: i64,
}
