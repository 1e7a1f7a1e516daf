#[derive(Enum)]
enum Status { Draft, Done, Gone }
#[derive(Document)]
struct Address { state: Status }
#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    home: Address,
}
