#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    title: String,
}
#[derive(Table)]
#[table(layout = "columns")]
struct Author {
    #[primkey]
    id: i64,
}
