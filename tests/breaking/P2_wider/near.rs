#[derive(Table)]
#[table(layout = "columns")]
struct User {
    #[primkey]
    id: i32,
}

#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i16,
    #[references(User, on_delete = "cascade")]
    author: i32,
}
