#[derive(Serialize, Deserialize, Table)]
struct User {
    #[primkey]
    id: String,
    #[perm(RW_)]
    name: String,
}
