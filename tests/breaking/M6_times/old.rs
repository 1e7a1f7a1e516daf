#[derive(Table)]
#[table(layout = "columns", soft_delete)]
struct Post {
    #[primkey]
    id: i64,
    title: String,
}
