#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    #[column(sql_type = "numeric(8, 2)")]
    v: String,
}
