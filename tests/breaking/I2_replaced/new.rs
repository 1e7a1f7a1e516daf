#[derive(Table)]
#[table(layout = "columns", unique(space, slug))]
struct Post {
    #[primkey]
    id: i64,
    space: String,
    slug: String,
}
