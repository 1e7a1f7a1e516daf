#[derive(Enum)]
#[native]
enum Status { Draft, #[renamed_from("Done")] Finished }
#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    status: Status,
}
