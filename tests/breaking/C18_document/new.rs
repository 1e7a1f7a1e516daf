#[derive(Serialize, Deserialize, Table)]
struct User {
    #[primkey]
    id: String,
    name: String,
    #[renamed_from("email")]
    #[index]
    mail: String,
}
