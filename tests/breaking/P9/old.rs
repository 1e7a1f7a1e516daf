#[derive(Table)]
#[table(layout = "columns", primary_key(id, created_at), partition_by = "range(created_at)")]
struct Event {
    id: i64,
    created_at: i32,
    kind: String,
}

#[derive(Table)]
#[table(layout = "columns", references(fields(event, at), Event))]
struct Note {
    #[primkey]
    id: i64,
    event: i64,
    at: i32,
}
