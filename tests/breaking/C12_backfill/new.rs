#[derive(Table)]
#[table(layout = "columns")]
struct User {
    #[primkey]
    id: i64,
}
#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    title: String,
    #[backfill = "id"]
    #[index]
    #[references(User)]
    author: Option<i64>,
}
