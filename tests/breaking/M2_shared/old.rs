#[derive(Serialize, Deserialize, Table)]
#[table(shared)]
struct User {
    #[primkey]
    id: String,
    name: String,
}
