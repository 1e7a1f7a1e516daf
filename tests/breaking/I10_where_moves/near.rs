#[derive(Table)]
#[table(layout = "columns", index(name, where = "done"))]
struct Post {
    #[primkey]
    id: i64,
    name: String,
    done: bool,
    #[default(false)]
    hidden: bool,
}
