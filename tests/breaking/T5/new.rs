#[derive(Serialize, Deserialize, Table)]
struct Member {
    #[primkey]
    id: String,
    name: String,
    email: String,
}
