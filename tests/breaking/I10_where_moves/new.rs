#[derive(Table)]
#[table(layout = "columns", index(name, where = "hidden"))]
#[removed("done")]
struct Post {
    #[primkey]
    id: i64,
    name: String,
    #[default(false)]
    hidden: bool,
}
