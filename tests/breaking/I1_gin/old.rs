#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    a: String,
    b: String,
    tags: Vec<String>,
}
