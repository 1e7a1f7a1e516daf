#[derive(Document)]
struct Address { street: String, zip: Option<String>, floor: Option<i32> }
#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    home: Address,
}
