#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    title: String,
    #[default(0)]
    #[check("rating > 0")]
    rating: i64,
}
