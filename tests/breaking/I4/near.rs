#[derive(Table)]
#[table(layout = "columns", index(a, b, name = "by_a"))]
struct Post {
    #[primkey]
    id: i64,
    b: String,
    a: String,
}
