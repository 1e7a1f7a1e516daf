#[derive(Table)]
#[table(layout = "columns")]
struct A {
    #[primkey]
    id: i64,
    #[references(B)]
    b: Option<i64>,
}
#[derive(Table)]
#[table(layout = "columns")]
struct B {
    #[primkey]
    id: i64,
    #[references(A)]
    a: Option<i64>,
}
