#[derive(Serialize, Deserialize, Table)]
struct User {
    #[primkey]
    id: String,
    n: i32,
}
