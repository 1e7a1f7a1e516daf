#[derive(Enum)]
enum Status { Draft, Done }
#[derive(Serialize, Deserialize, Table)]
struct User {
    #[primkey]
    id: String,
    status: Status,
}
