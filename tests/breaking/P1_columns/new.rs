#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    id: i64,
    #[primkey]
    slug: String,
}
