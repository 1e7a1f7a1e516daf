//! Accounts.

use kontract::prelude::*;
use kontract::table::Patch;
use kontract::{Result, Table};

use crate::Storage;

/// Who vouches for an account.
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
    /// To log in with.
    #[unique]
    pub email: String,
    /// The name that others see.
    pub name: String,
    /// Who vouches for the account.
    pub provider: Provider,
    /// A picture. Came with migration 2.
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

    /// A new account.
    ///
    /// # Errors
    /// `Kind::Unique` where there is one with that email.
    pub async fn create(&self, user: NewUser) -> Result<User> {
        self.users.insert(user).await
    }

    /// Signs in a user of a provider: a new account, or the one with that email, whose name and
    /// picture are what the provider says now. One statement: who comes twice at once has one account.
    ///
    /// # Errors
    /// Of the connection.
    pub async fn sign_in(&self, user: NewUser) -> Result<User> {
        self.users.upsert(User::email, user).await
    }

    /// The account with that id.
    ///
    /// # Errors
    /// Of the connection.
    pub async fn get(&self, id: Uuid) -> Result<Option<User>> {
        self.users.get(id).await
    }

    /// The account with that email.
    ///
    /// # Errors
    /// Of the connection.
    pub async fn find_by_email(&self, email: &str) -> Result<Option<User>> {
        self.users.query(User::email.eq(email)).first().await
    }

    /// Changes some fields.
    ///
    /// # Errors
    /// `Kind::NotFound` where there is no such account.
    pub async fn update(&self, id: Uuid, patch: impl Into<Patch<User>>) -> Result<User> {
        self.users.update(id, patch).await
    }

    /// Removes the account, and its place in each cluster; says whether there was one.
    ///
    /// # Errors
    /// Of the connection.
    pub async fn delete(&self, id: Uuid) -> Result<bool> {
        self.users.delete(id).await
    }
}
