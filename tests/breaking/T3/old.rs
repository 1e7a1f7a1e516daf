#[derive(Serialize, Deserialize, Table)]
struct User {
    #[primkey]
    id: String,
    name: String,
}
#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    title: String,
}
