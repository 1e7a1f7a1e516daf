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
    #[references(User, on_delete = "cascade")]
    author: i64,
}
