#[derive(Serialize, Deserialize, Table)]
struct User {
    #[primkey]
    id: String,
    name: String,
    #[index]
    email: String,
}
