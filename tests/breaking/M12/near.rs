#[derive(Table)]
#[table(layout = "columns", ptr = "posts")]
struct Post {
    #[primkey]
    id: i64,
    title: String,
}
