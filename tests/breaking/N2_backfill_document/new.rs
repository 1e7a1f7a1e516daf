#[derive(Table)]
struct Post {
    #[primkey]
    id: String,
    title: String,
    #[backfill(postgres = "lower(data->>'title')", sqlite = "lower(data->>'$.title')")]
    slug: String,
}
