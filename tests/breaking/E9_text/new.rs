#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    status: String,
}
