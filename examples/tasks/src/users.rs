//! People with an account.

use kontract::prelude::*;
use kontract::query::Page;
use kontract::table::Patch;
use kontract::{Result, Table};

use crate::Storage;

/// What a user may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Enum)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Their own things.
    User,
    /// Everything.
    Admin,
}

/// A user with an account.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns")]
pub struct User {
    /// A UUID v7, as text.
    #[primkey]
    pub id: String,
    /// To log in with.
    #[unique]
    pub email: String,
    /// What a password hash function made of the password.
    pub password_hash: String,
    /// The name that others see.
    pub name: String,
    /// What they may do.
    #[default(Role::User)]
    pub role: Role,
    /// The account at Google that they log in with.
    #[unique]
    pub google_id: Option<String>,
    /// When they answered the email.
    pub email_verified_at: Option<jiff::Timestamp>,
    /// The secret of the second factor.
    pub two_factor_secret: Option<String>,
    /// Whether a second factor is asked for.
    #[default(false)]
    pub two_factor_enabled: bool,
    /// When they first used the second factor.
    pub two_factor_confirmed_at: Option<jiff::Timestamp>,
    /// Kept by the runtime.
    #[created_at]
    pub created_at: jiff::Timestamp,
    /// Kept by the runtime.
    #[updated_at]
    pub updated_at: jiff::Timestamp,
}

/// All that the application asks and does about users.
#[derive(Clone)]
pub struct UserRepository {
    users: Table<User>,
}

impl UserRepository {
    /// On a storage, or on what the closure of a transaction gets.
    pub fn new(storage: &Storage) -> UserRepository {
        UserRepository { users: storage.users.clone() }
    }

    /// All of them, oldest first: a UUID v7 begins with its time.
    pub async fn find_all(&self) -> Result<Vec<User>> {
        self.users.list().order_by(User::id.asc()).await
    }

    /// The one with that id.
    pub async fn find_by_id(&self, id: &str) -> Result<Option<User>> {
        self.users.get(id).await
    }

    /// The one with that email.
    pub async fn find_by_email(&self, email: &str) -> Result<Option<User>> {
        self.users.query(User::email.eq(email)).first().await
    }

    /// Ids and emails alone.
    pub async fn emails(&self) -> Result<Vec<(String, String)>> {
        self.users.list().select((User::id, User::email)).await
    }

    /// Twenty of them by name, from where the page before ended.
    pub async fn page(&self, after: Option<kontract::query::Cursor>) -> Result<Page<User>> {
        self.users.list().order_by(User::name.asc()).page(20).after(after).await
    }

    /// Adds one. Id, role and times are filled in.
    pub async fn create(&self, user: NewUser) -> Result<User> {
        self.users.insert(user).await
    }

    /// Changes some fields; `updated_at` follows.
    pub async fn update(&self, id: &str, patch: impl Into<Patch<User>>) -> Result<User> {
        self.users.update(id, patch).await
    }

    /// Removes one; says whether there was one.
    pub async fn delete(&self, id: &str) -> Result<bool> {
        self.users.delete(id).await
    }
}
