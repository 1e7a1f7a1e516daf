#[derive(Table)]
#[removed("title", keep)]
#[removed("views", keep)]
#[removed("text", keep)]
struct Post {
    #[primkey]
    id: i64,
}
