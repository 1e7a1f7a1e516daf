use kontract::prelude::*;

#[derive(Table)]
#[table(standalone, layout = "columns")]
pub struct User {
    #[primkey]
    pub id: String,
    pub name: String,
}

pub async fn update(users: &kontract::Table<User>) {
    let _ = users.update_if("1", 1, User::patch().name("al")).await;
}

fn main() {}
