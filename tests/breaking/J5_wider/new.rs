#[derive(Document)]
struct Home {
    number: i64,
}

#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    home: Home,
}
