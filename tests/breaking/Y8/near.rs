#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    #[column(sql_type = "numeric(10, 2)")]
    v: String,
}
