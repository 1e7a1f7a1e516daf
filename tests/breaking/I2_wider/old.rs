#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    #[unique]
    a: String,
    b: String,
}
