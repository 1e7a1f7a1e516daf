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
    id: i32,
    #[references(User, on_delete = "cascade")]
    author: i32,
}
