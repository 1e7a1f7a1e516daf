#[derive(Enum)]
enum Status {
    Draft,
    Done,
}

#[derive(Serialize, Deserialize, Table)]
struct User {
    #[primkey]
    id: String,
    status: Status,
}

#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    #[default(Status::Done)]
    status: Status,
}
