#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey(identity)]
    id: i64,
    title: String,
}
