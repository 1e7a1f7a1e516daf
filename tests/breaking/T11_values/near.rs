#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    raw: Vec<u8>,
    done: Option<bool>,
    more: Option<Json>,
    price: Decimal,
    note: Option<String>,
}
