#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    title: String,
    #[check("n IN (1, 3, 2)")]
    n: i64,
}
