#[derive(Table)]
#[table(layout = "columns", unique(a, name = "by_a"))]
struct Post {
    #[primkey]
    id: i64,
    a: String,
    b: String,
    tags: Vec<String>,
}
