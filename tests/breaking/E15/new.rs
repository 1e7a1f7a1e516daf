#[derive(Enum)]
#[native]
enum Status { Done, Draft }
#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    status: Status,
}
