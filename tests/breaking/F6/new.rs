#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    #[references(Writer)]
    author: i64,
}
#[derive(Table)]
#[table(layout = "columns")]
#[renamed_from("authors")]
struct Writer {
    #[primkey]
    id: i64,
    name: String,
}
