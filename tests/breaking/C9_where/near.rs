#[derive(Table)]
#[table(layout = "columns", index(code, where = "code <> 'x'", name = "codes"))]
struct Post {
    #[primkey]
    id: i64,
    title: String,
    #[default("")]
    code: String,
}
