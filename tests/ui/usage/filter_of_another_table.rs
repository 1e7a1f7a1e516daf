use kontract::prelude::*;

#[derive(Table)]
#[table(standalone, layout = "columns")]
pub struct User {
    #[primkey]
    pub id: String,
    pub name: String,
}

#[derive(Table)]
#[table(standalone, layout = "columns")]
pub struct Post {
    #[primkey]
    pub id: String,
    pub title: String,
}

pub async fn query(users: &kontract::Table<User>) {
    let _ = users.query(Post::title.eq("x")).await;
}

fn main() {}
