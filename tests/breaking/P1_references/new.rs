#[derive(Table)]
#[table(layout = "columns")]
struct User {
    #[unique]
    id: i64,
    #[primkey]
    code: i64,
}

#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    #[references(User, field = "code")]
    author: i64,
}
