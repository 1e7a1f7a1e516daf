#[derive(Document)]
struct Address { zip: Option<String> }
#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    home: Address,
}
