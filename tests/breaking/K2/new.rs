#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    #[check("n > 0 OR n = -1")]
    n: i32,
}
