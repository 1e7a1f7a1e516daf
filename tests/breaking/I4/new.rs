#[derive(Table)]
#[table(layout = "columns", index(b, a, name = "by_a"))]
struct Post {
    #[primkey]
    id: i64,
    a: String,
    b: String,
}
