#[derive(Serialize, Deserialize, Table)]
struct User {
    #[primkey]
    id: String,
    #[perm(RWX)]
    name: String,
}
