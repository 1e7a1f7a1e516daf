#[derive(Table)]
struct User {
    #[primkey]
    id: String,
    a: String,
    b: String,
}
