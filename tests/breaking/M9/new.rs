#[derive(Table)]
#[table(layout = "columns", owned)]
struct Post {
    #[primkey]
    id: i64,
    title: String,
}
