#[derive(Serialize, Deserialize, Table)]
struct User {
    #[primkey]
    id: String,
    #[renamed_from("name")]
    first: String,
    #[renamed_from("name")]
    second: String,
}
