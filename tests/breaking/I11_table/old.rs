#[derive(Table)]
#[table(layout = "columns")]
struct Author {
    #[primkey]
    id: i64,
}
