#[derive(Table)]
struct Post {
    #[primkey]
    id: String,
    title: String,
    slug: Option<String>,
}
