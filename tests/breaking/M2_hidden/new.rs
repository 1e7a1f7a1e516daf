#[derive(Serialize, Deserialize, Table)]
struct User {
    #[primkey]
    id: String,
    #[perm(_W_)]
    name: String,
}
