#[derive(Serialize, Deserialize, Table)]
struct User {
    #[primkey]
    id: String,
    name: String,
    rating: f64,
    tags: Vec<String>,
}
