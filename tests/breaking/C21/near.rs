#[derive(Serialize, Deserialize, Table)]
struct User {
    #[primkey]
    id: String,
    #[renamed_from("name")]
    label: String,
}
