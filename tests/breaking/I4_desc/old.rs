#[derive(Table)]
#[table(layout = "columns", index(a, b, name = "by_a"))]
struct Post {
    #[primkey]
    id: i64,
    a: String,
    b: String,
    tags: Vec<String>,
}
