#[derive(Table)]
struct User {
    #[primkey]
    id: String,
    #[renamed_from("a")]
    b: String,
    #[renamed_from("b")]
    c: String,
}
