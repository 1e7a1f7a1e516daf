use kontract::prelude::*;

#[derive(Table)]
#[table(standalone, layout = "columns")]
pub struct User {
    #[primkey]
    pub id: String,
    pub name: String,
}

pub async fn insert(users: &kontract::Table<User>) {
    let _ = users.insert("al").await;
}

fn main() {}
