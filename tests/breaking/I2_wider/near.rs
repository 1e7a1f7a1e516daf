#[derive(Table)]
#[table(layout = "columns", index(a, b))]
struct Post {
    #[primkey]
    id: i64,
    #[unique]
    a: String,
    b: String,
}
