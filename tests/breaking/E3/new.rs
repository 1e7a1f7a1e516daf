#[derive(Enum)]
enum Status { Draft, Review, Done }
#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    status: Status,
}
