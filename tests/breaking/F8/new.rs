#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    title: String,
    #[references(Post)]
    answer_to: Option<i64>,
}
