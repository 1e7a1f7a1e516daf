#[derive(Document)]
#[serde(rename_all = "snake_case")]
struct Address { zip_code: String }
#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    home: Address,
}
