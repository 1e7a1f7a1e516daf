#[derive(Serialize, Deserialize, Table)]
#[table(name = "users")]
struct Person {
    #[primkey]
    id: String,
    name: String,
}
