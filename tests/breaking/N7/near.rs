#[derive(Serialize, Deserialize, Table)]
struct User {
    #[primkey]
    id: String,
    #[default(1)]
    n: i32,
}
