#[derive(Enum)]
#[native]
enum Status { Draft }
#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    status: Status,
}
