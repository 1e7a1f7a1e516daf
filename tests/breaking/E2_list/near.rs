#[derive(Enum)]
enum Status {
    Draft,
    Over,
}

#[derive(Table)]
struct User {
    #[primkey]
    id: String,
    seen: Vec<Status>,
}

#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    seen: Vec<Status>,
}
