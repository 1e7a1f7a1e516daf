#[derive(Table)]
#[table(layout = "columns", unique(a, b, name = "posts_key"))]
struct Post {
    #[primkey]
    id: i64,
    a: String,
    b: String,
}
