#[derive(Table)]
#[table(layout = "columns", index(a, name = "by_a"))]
struct Post {
    #[primkey]
    id: i64,
    a: String,
}
