#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    #[column(sql_type = "varchar(10)")]
    v: String,
}
