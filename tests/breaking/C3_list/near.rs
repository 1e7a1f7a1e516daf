#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    #[backfill(postgres = "'{}'", sqlite = "'[]'")]
    tags: Vec<String>,
}
