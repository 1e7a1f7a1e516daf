//! Accounts.

use kontract::prelude::*;
use kontract::table::Patch;
use kontract::{Result, Table};

use crate::Storage;

/// The provider that verified an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Enum)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// A code sent to the address.
    Email,
    /// Google.
    Google,
    /// GitHub.
    Github,
}

/// A user with an account.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns")]
pub struct User {
    /// A UUID v7.
    #[primkey]
    pub id: Uuid,
    /// The email address for the login.
    #[unique]
    pub email: String,
    /// The name that others see.
    pub name: String,
    /// The provider that verified the account.
    pub provider: Provider,
    /// A picture. Migration 2 added this field.
    #[index(name = "idx_users_avatar")]
    pub avatar_url: Option<String>,
    /// Kept by the runtime.
    #[created_at]
    pub created_at: Timestamp,
    /// Kept by the runtime.
    #[updated_at]
    pub updated_at: Timestamp,
}

/// Accounts.
#[derive(Clone)]
pub struct UserStore {
    users: Table<User>,
}

impl UserStore {
    pub(crate) fn new(storage: &Storage) -> UserStore {
        UserStore { users: storage.users.clone() }
    }

    /// Inserts an account.
    ///
    /// # Errors
    /// `Kind::Unique` if an account has this email address.
    pub async fn create(&self, user: NewUser) -> Result<User> {
        self.users.insert(user).await
    }

    /// Signs in a user of a provider: inserts an account, or updates name and picture of the account with
    /// this email address. It is one statement, so concurrent sign-ins create one account.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn sign_in(&self, user: NewUser) -> Result<User> {
        self.users.upsert(User::email, user).await
    }

    /// The account with this id.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn get(&self, id: Uuid) -> Result<Option<User>> {
        self.users.get(id).await
    }

    /// The account with this email address.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn find_by_email(&self, email: &str) -> Result<Option<User>> {
        self.users.query(User::email.eq(email)).first().await
    }

    /// Changes some fields.
    ///
    /// # Errors
    /// `Kind::NotFound` if the account does not exist.
    pub async fn update(&self, id: Uuid, patch: impl Into<Patch<User>>) -> Result<User> {
        self.users.update(id, patch).await
    }

    /// Deletes an account and its memberships. Returns whether it existed.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn delete(&self, id: Uuid) -> Result<bool> {
        self.users.delete(id).await
    }
}
