#[derive(Table)]
#[removed("title", keep)]
#[removed("text", keep)]
#[removed("views", keep)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
}
