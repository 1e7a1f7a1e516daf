#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    #[check("rating >= 0")]
    rating: i32,
}
