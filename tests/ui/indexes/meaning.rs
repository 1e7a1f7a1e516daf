use kontract::prelude::*;

#[derive(Serialize, Deserialize, Table)]
#[table(standalone)]
#[table(index(on = "lower(emial)"), index(name, where = "status = \"open\""))]
#[table(index(tags, stars, name = "a"), index(tags, method = "gin", name = "b"))]
#[table(unique(tags, method = "gin", name = "c"), index(tags desc, method = "gin", name = "d"))]
#[table(index(on = "name, absent collate nocase", name = "e"))]
struct User {
    #[primkey]
    id: String,
    name: String,
    email: String,
    #[index(method = "gin")]
    stars: i64,
    tags: Vec<String>,
}

fn main() {}
