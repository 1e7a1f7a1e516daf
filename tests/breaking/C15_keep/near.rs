#[derive(Table)]
#[removed("title")]
#[removed("text")]
#[removed("views")]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
}
