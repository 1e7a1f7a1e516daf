#[derive(Serialize, Deserialize, Table)]
struct User {
    id: String,
    #[primkey]
    email: String,
}
