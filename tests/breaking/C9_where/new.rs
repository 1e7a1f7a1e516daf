#[derive(Table)]
#[table(layout = "columns", unique(code, where = "code <> ''", name = "codes"))]
struct Post {
    #[primkey]
    id: i64,
    title: String,
    #[default("")]
    code: String,
}
