#[derive(Enum)]
enum Status { Draft }
#[derive(Serialize, Deserialize, Table)]
struct User {
    #[primkey]
    id: String,
    status: Status,
}
