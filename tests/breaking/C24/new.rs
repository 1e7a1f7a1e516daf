#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    subtitle: Option<String>,
    title: String,
}
