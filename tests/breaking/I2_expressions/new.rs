#[derive(Table)]
#[table(layout = "columns", unique(on = "lower(place), lower(name)", name = "places"))]
struct Post {
    #[primkey]
    id: i64,
    name: String,
    place: String,
}
