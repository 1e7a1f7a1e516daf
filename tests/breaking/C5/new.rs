#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    title: String,
    #[default(sql = "gen_random_uuid()")]
    token: Uuid,
}
