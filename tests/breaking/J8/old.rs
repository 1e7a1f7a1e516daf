#[derive(Document)]
struct Address { zip_code: String }
#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    home: Address,
}
