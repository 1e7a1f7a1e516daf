#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    title: String,
    #[check("rating > 0")]
    rating: Option<i32>,
}
