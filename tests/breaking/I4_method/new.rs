#[derive(Table)]
#[table(layout = "columns", index(on(postgres = "tags", sqlite = "tags"), name = "by_tag"))]
struct Post {
    #[primkey]
    id: i64,
    a: String,
    b: String,
    tags: Vec<String>,
}
