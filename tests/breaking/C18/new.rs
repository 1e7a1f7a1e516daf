#[derive(Table)]
#[table(layout = "columns")]
struct Post {
    #[primkey]
    id: i64,
    title: String,
    #[renamed_from("email")]
    #[index]
    mail: String,
}
