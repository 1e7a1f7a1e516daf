#[derive(Table)]
#[table(layout = "columns", soft_delete, deleted_at)]
struct Post {
    #[primkey]
    id: i64,
    title: String,
}
