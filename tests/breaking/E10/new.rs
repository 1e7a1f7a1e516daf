#[derive(Enum)]
enum State { Draft }
#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    status: State,
}
