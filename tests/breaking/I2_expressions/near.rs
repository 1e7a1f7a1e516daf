#[derive(Table)]
#[table(layout = "columns", unique(on = "lower(name)", name = "names"), index(on = "lower(place)", name = "places"))]
struct Post {
    #[primkey]
    id: i64,
    name: String,
    place: String,
}
