#[derive(Table)]
#[table(layout = "columns")]
#[renamed_from("posts")]
struct Article {
    #[primkey]
    id: i64,
    title: String,
}
