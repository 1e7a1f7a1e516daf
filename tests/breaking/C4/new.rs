#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    title: String,
    #[created_at]
    created: Timestamp,
}
