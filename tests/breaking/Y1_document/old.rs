#[derive(Table)]
struct Post {
    #[primkey]
    id: String,
    v: i32,
    #[index]
    rank: i16,
    score: f32,
}
