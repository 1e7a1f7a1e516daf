#[derive(Document)]
struct Address { street: String }
#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    home: Address,
}
