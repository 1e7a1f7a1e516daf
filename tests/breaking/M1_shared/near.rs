#[derive(Serialize, Deserialize, Table)]
struct User {
    #[primkey]
    id: String,
    name: String,
    age: Option<f64>,
}
