#[derive(Table)]
#[table(layout = "columns", check("a + b = 1"))]
struct Post {
    #[primkey]
    id: i64,
    title: String,
    a: Option<i64>,
    b: Option<i64>,
}
