#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    #[unique]
    title: String,
    text: Option<String>,
    #[default(0)]
    views: i64,
}
