#[derive(Table)]
#[table(layout = "columns", unique(slug))]
struct Post {
    #[primkey]
    id: i64,
    space: String,
    slug: String,
}
