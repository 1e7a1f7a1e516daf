#[derive(Table)]
#[removed("title")]
#[removed("text")]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    name: String,
}
