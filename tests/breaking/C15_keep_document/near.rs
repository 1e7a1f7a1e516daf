#[derive(Table)]
struct Post {
    #[primkey]
    id: i64,
    title: Option<String>,
    #[default(0)]
    views: i64,
    text: Option<String>,
}
