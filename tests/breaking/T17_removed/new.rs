#[derive(Table)]
#[table(layout = "columns", primary_key(id, created_at), unique(kind, created_at), ordered)]
struct Event {
    id: i64,
    created_at: Timestamp,
    kind: String,
}

#[derive(Table)]
#[table(layout = "columns", references(fields(event, at), Event))]
struct Note {
    #[primkey]
    id: i64,
    event: i64,
    at: Timestamp,
}
