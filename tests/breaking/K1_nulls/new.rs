#[derive(Table)]
#[table(layout = "columns", check("concat(a, b) = ''"))]
struct Post {
    #[primkey]
    id: i64,
    title: String,
    a: Option<i64>,
    b: Option<i64>,
}
