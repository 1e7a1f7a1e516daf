#[derive(Table)]
#[table(layout = "columns", primary_key(id, created_at), partition_by = "range(created_at)")]
struct Event {
    id: i64,
    created_at: Timestamp,
    kind: String,
}
