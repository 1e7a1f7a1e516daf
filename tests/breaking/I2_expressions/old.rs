#[derive(Table)]
#[table(layout = "columns", unique(on = "lower(name)", name = "names"))]
struct Post {
    #[primkey]
    id: i64,
    name: String,
    place: String,
}
