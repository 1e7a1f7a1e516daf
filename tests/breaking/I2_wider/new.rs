#[derive(Table)]
#[table(layout = "columns", unique(a, b))]
struct Post {
    #[primkey]
    id: i64,
    #[unique]
    a: String,
    b: String,
}
