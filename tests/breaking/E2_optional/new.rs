#[derive(Enum)]
enum Status { Draft, Done, Gone }
#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    status: Option<Status>,
}
