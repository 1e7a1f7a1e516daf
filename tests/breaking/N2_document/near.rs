#[derive(Serialize, Deserialize, Table)]
struct User {
    #[primkey]
    id: String,
    #[default("")]
    name: Option<String>,
}
