#[derive(Enum)]
enum Status {
    Draft,
    Done,
    Gone,
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
