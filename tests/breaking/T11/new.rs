#[derive(Serialize, Deserialize, Table)]
#[table(layout = "columns")]
struct User {
    #[primkey]
    id: String,
    name: String,
}
