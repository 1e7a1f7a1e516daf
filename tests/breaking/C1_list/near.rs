#[derive(Serialize, Deserialize, Table)]
struct Post {
    #[primkey]
    id: i64,
    tags: String,
}
