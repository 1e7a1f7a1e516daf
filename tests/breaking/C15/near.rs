#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    #[renamed_from("title")]
    name: Option<String>,
}
