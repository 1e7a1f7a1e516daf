#[derive(Table)]
#[table(layout = "columns")]
struct Account {
    #[primkey]
    id: i64,
    name: String,
}
