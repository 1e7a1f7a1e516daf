#[derive(Table)]
#[table(layout = "columns", index(a, name = "on_a"))]
struct Post {
    #[primkey]
    id: i64,
    a: String,
}
