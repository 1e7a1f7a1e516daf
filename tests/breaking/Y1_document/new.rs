#[derive(Table)]
struct Post {
    #[primkey]
    id: String,
    v: i64,
    #[index]
    rank: i32,
    score: f64,
}
