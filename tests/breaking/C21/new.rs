#[derive(Serialize, Deserialize, Table)]
struct User {
    #[primkey]
    id: String,
    #[renamed_from("title")]
    label: String,
    name: String,
}
