#[derive(Table)]
#[table(layout = "columns", index(tags, name = "by_tag", method = "gin"))]
struct Post {
    #[primkey]
    id: i64,
    a: String,
    b: String,
    tags: Vec<String>,
}
