#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    #[renamed_from("b")]
    a: String,
    #[renamed_from("a")]
    b: String,
}
