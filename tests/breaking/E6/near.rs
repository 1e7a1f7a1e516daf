#[derive(Enum)]
enum Status { Draft, Done, Ready }
#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    status: Status,
}
