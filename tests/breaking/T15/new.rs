#[derive(Table)]
#[table(external)]
struct Account {
    #[primkey]
    id: i64,
    name: String,
}
