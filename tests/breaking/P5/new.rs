#[derive(Table)]
#[table(layout = "columns", primary_key(place, room))]
struct Seat {
    room: String,
    place: i32,
}
