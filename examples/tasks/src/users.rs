//! Users with an account.

use kontract::prelude::*;
use kontract::query::Page;
use kontract::table::Patch;
use kontract::{Result, Table};

use crate::Storage;

/// What a user may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Enum)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// May change their own rows.
    User,
    /// May change everything.
    Admin,
}

/// A user with an account.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns")]
pub struct User {
    /// A UUID v7, as text.
    #[primkey]
    pub id: String,
    /// The email address for the login.
    #[unique]
    pub email: String,
    /// The hash of the password.
    pub password_hash: String,
    /// The name that others see.
    pub name: String,
    /// What the user may do.
    #[default(Role::User)]
    pub role: Role,
    /// The Google account for the login.
    #[unique]
    pub google_id: Option<String>,
    /// When the email address was verified.
    pub email_verified_at: Option<jiff::Timestamp>,
    /// The secret of the second factor.
    pub two_factor_secret: Option<String>,
    /// Whether the login needs the second factor.
    #[default(false)]
    pub two_factor_enabled: bool,
    /// When the second factor was first used.
    pub two_factor_confirmed_at: Option<jiff::Timestamp>,
    /// Kept by the runtime.
    #[created_at]
    pub created_at: jiff::Timestamp,
    /// Kept by the runtime.
    #[updated_at]
    pub updated_at: jiff::Timestamp,
}

/// The operations on users.
#[derive(Clone)]
pub struct UserRepository {
    users: Table<User>,
}

impl UserRepository {
    /// The repository on a storage, or on the handles of a transaction.
    pub fn new(storage: &Storage) -> UserRepository {
        UserRepository { users: storage.users.clone() }
    }

    /// All users, oldest first: a UUID v7 begins with its time.
    pub async fn find_all(&self) -> Result<Vec<User>> {
        self.users.list().order_by(User::id.asc()).await
    }

    /// The user with this id.
    pub async fn find_by_id(&self, id: &str) -> Result<Option<User>> {
        self.users.get(id).await
    }

    /// The user with this email address.
    pub async fn find_by_email(&self, email: &str) -> Result<Option<User>> {
        self.users.query(User::email.eq(email)).first().await
    }

    /// The ids and email addresses of all users.
    pub async fn emails(&self) -> Result<Vec<(String, String)>> {
        self.users.list().select((User::id, User::email)).await
    }

    /// Twenty users ordered by name, after the end of the previous page.
    pub async fn page(&self, after: Option<kontract::query::Cursor>) -> Result<Page<User>> {
        self.users.list().order_by(User::name.asc()).page(20).after(after).await
    }

    /// Inserts a user. Id, role and times get their defaults.
    pub async fn create(&self, user: NewUser) -> Result<User> {
        self.users.insert(user).await
    }

    /// Changes some fields, and `updated_at`.
    pub async fn update(&self, id: &str, patch: impl Into<Patch<User>>) -> Result<User> {
        self.users.update(id, patch).await
    }

    /// Deletes a user. Returns whether the user existed.
    pub async fn delete(&self, id: &str) -> Result<bool> {
        self.users.delete(id).await
    }
}
