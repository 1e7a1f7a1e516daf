#[derive(Table)]
#[table(layout = "columns", ptr = "articles")]
struct Post {
    #[primkey]
    id: i64,
    title: String,
}
