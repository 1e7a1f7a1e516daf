#[derive(Serialize, Deserialize, Table)]
struct User {
    #[primkey]
    id: String,
    #[perm(R__)]
    name: String,
}
