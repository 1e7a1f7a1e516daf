use kontract::prelude::*;

#[derive(Table)]
#[table(layout = "columns")]
pub struct User {
    #[primkey]
    pub id: String,
    pub age: u128,
}

// No second error where the struct is used.
pub async fn set(users: kontract::Table<User>, user: User) {
    let _ = users.set(user).await;
}

fn main() {}
