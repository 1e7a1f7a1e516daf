#[derive(Table)]
#[table(layout = "columns", index(name, where = "hidden"))]
#[removed("done")]
struct Post {
    #[primkey]
    id: i64,
    name: String,
    v: String,
    #[default(false)]
    hidden: bool,
}
