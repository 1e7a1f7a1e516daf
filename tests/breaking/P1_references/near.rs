#[derive(Table)]
#[table(layout = "columns")]
struct User {
    #[primkey]
    id: i64,
    #[unique]
    code: i64,
    more: Option<i64>,
}

#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    #[references(User, field = "code")]
    author: i64,
}
