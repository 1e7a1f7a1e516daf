#[derive(Enum)]
#[native]
enum Status { New, Draft, Busy, Done }
#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    status: Status,
}
