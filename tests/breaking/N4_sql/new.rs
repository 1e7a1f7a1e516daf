#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    #[default(sql = "gen_random_uuid()")]
    token: Uuid,
}
