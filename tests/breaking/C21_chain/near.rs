#[derive(Table)]
struct User {
    #[primkey]
    id: String,
    a: String,
    #[renamed_from("b")]
    c: String,
}
