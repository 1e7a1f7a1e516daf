#[derive(Table)]
#[table(layout = "columns", index(a, name = "by_a", where = "b = 2"))]
struct Post {
    #[primkey]
    id: i64,
    a: String,
    b: i64,
    tags: Vec<String>,
}
