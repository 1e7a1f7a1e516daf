#[derive(Table)]
#[removed("title")]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
}
