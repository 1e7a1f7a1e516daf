#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    size: i64,
    note: String,
    #[default(0)]
    amount: i64,
}
