#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    #[default("00000000-0000-0000-0000-000000000000")]
    token: Uuid,
}
