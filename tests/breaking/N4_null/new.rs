#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    #[default(sql = "NULL")]
    v: Option<i64>,
}
