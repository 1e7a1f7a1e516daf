#[derive(Table)]
#[table(layout = "columns", track)]
struct Post {
    #[primkey]
    id: i64,
    title: String,
}
