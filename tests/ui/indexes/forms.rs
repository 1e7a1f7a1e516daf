use kontract::prelude::*;

#[derive(Serialize, Deserialize, Table)]
#[table(standalone)]
#[table(index(name, email up))]
#[table(index(on = "lower(email"))]
#[table(index(email, on = "lower(name)"))]
#[table(index(email, using = "hash"))]
#[table(index(email, method = "rum"))]
#[table(index(email, where(postgres = "stars > 1")))]
#[table(unique())]
struct User {
    #[primkey]
    id: String,
    #[index(on = "lower(name)")]
    name: String,
    #[index(name)]
    email: String,
    #[unique(where = "stars > 1; drop")]
    stars: i64,
}

fn main() {}
