#[derive(Table)]
#[table(layout = "columns", primary_key(region, number))]
struct Organisation {
    region: String,
    number: i32,
}

#[derive(Table)]
#[table(layout = "columns", index(region, number))]
struct Member {
    #[primkey]
    id: i64,
    region: String,
    number: i32,
}
