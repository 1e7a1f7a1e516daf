//! The table for Diesel.

use diesel::prelude::*;

diesel::table! {
    users (id) {
        id -> Text,
        name -> Text,
        email -> Text,
        age -> Integer,
        bio -> Nullable<Text>,
        hair_color -> Nullable<Text>,
        created -> BigInt,
        version -> Integer,
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = users, treat_none_as_null = true)]
pub struct User {
    pub id: String,
    pub name: String,
    pub email: String,
    pub age: i32,
    pub bio: Option<String>,
    pub hair_color: Option<String>,
    pub created: i64,
}

impl From<queries_bench_peer::User> for User {
    fn from(user: queries_bench_peer::User) -> User {
        let queries_bench_peer::User { id, name, email, age, bio, hair_color, created } = user;
        User { id, name, email, age, bio, hair_color, created }
    }
}

/// As many rows in a statement as PostgreSQL has parameters for.
pub const CHUNK: usize = 65_535 / 7;
