#[derive(Table)]
#[table(layout = "columns", versioned)]
struct Post {
    #[primkey]
    id: i64,
    title: String,
}
