use kontract::prelude::*;

#[derive(Table)]
#[table(standalone, layout = "columns")]
pub struct User {
    #[primkey]
    pub id: String,
    pub name: String,
}

pub async fn push(users: &kontract::Table<User>) {
    let _ = users.push(NewUser::new("al")).await;
}

fn main() {}
