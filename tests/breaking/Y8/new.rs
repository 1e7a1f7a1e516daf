#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    #[column(sql_type = "numeric(12, 2)")]
    v: String,
}
