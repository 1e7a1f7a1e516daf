#[derive(Table)]
#[table(layout = "columns", versioned)]
struct Post {
    #[primkey]
    id: i64,
    #[unique]
    title: String,
}
