#[derive(Table)]
#[removed("text")]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    title: String,
}
