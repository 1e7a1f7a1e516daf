use kontract::prelude::*;

#[derive(Serialize, Deserialize, Document)]
pub struct Address {
    pub street: String,
}

#[derive(Serialize, Deserialize, Document)]
pub struct Invoice {
    pub total: i64,
}

#[derive(Table)]
#[table(standalone, layout = "columns")]
pub struct User {
    #[primkey]
    pub id: String,
    pub notes: Json,
}

pub fn paths(home: kontract::Column<User, Option<Address>>) {
    let _: kontract::Filter<User> = home.at(Address::street).eq("x");
    let _: kontract::Filter<User> = home.at(Invoice::total).eq(1);
    let _: kontract::Filter<User> = home.at(Address::street).eq(1);
    let _: kontract::Filter<User> = User::notes.at(Address::street).eq("x");
}

fn main() {}
