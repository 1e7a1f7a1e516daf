#[derive(Table)]
#[table(layout = "columns", primary_key(room, place, day))]
struct Seat {
    room: String,
    place: i32,
    day: i32,
}
