#[derive(Enum)]
enum Status { Draft, Done, Review }
#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    status: Status,
}
