#[derive(Table)]
#[table(layout = "columns", unique(space))]
struct Post {
    #[primkey]
    id: i64,
    space: String,
    slug: String,
}
