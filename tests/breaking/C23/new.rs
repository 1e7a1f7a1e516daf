#[derive(Serialize, Deserialize, Table)]
struct User {
    #[primkey]
    id: String,
    age: f64,
    name: String,
}
