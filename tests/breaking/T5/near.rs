#[derive(Serialize, Deserialize, Table)]
#[renamed_from("users")]
struct Member {
    #[primkey]
    id: String,
    name: String,
    email: String,
}
