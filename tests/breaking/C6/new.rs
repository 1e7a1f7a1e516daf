#[derive(Table)]
#[table(layout = "columns", ordered)]
struct Post {
    #[primkey]
    id: i64,
    title: String,
}
