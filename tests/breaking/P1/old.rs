#[derive(Serialize, Deserialize, Table)]
struct User {
    #[primkey]
    id: String,
    email: String,
}
