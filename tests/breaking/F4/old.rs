#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    #[references(Author)]
    author: i64,
}
#[derive(Table)]
#[table(layout = "columns")]
struct Author {
    #[primkey]
    id: i64,
    name: String,
}
