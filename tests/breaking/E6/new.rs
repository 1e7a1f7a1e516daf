#[derive(Enum)]
enum Status { Draft, Ready }
#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    status: Status,
}
