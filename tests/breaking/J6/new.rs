#[derive(Enum)]
enum Status { Draft }
#[derive(Document)]
struct Address { state: Status }
#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    home: Address,
}
