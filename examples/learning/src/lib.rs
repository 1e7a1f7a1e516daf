//! The database of a learning platform: accounts, invitations, refresh tokens and encrypted data of
//! its users. Kontract adds the table `_kontract_migrations` with the history of migrations.
//!
//! The history in `kontract.lock.json` has one migration for each table, and one for a column: `init`,
//! `invite_codes`, `user_accounts`, `refresh_tokens`, `add_revoked_to_accounts`.

use kontract::prelude::*;

/// Data that a user's device has stored, encrypted: the server cannot read it.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", name = "user_sync_data")]
pub struct UserSyncData {
    /// The user.
    #[primkey]
    pub user_id: Uuid,
    /// The encrypted blob.
    pub data: Bytes,
    /// The number of times it was stored.
    #[default(1)]
    pub revision: i64,
    /// When it was last stored.
    #[updated_at]
    pub updated_at: Timestamp,
}

/// An invitation code, required to register.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns")]
pub struct InviteCode {
    /// The code itself.
    #[primkey]
    pub code: String,
    /// How often it may still be used.
    #[check("uses_left >= 0")]
    #[default(1)]
    pub uses_left: i32,
    /// When it expires.
    pub expires_at: Option<Timestamp>,
    /// When it was created.
    #[created_at]
    pub created_at: Timestamp,
}

/// A registered user.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns")]
pub struct UserAccount {
    /// The key.
    #[primkey]
    pub user_id: Uuid,
    /// The name for the login.
    #[unique]
    pub username: String,
    /// A hash of the password.
    pub password_hash: String,
    /// The invitation code that was used.
    #[references(InviteCode, on_delete = "set_null")]
    #[index]
    pub invite_code: Option<String>,
    /// Whether the login is disabled.
    #[default(false)]
    pub revoked: bool,
    /// When it was created.
    #[created_at]
    pub created_at: Timestamp,
}

/// The session of a logged-in user.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns")]
pub struct RefreshToken {
    /// A hash of the token.
    #[primkey]
    pub token_hash: String,
    /// The user.
    #[references(UserAccount, on_delete = "cascade")]
    #[index]
    pub user_id: Uuid,
    /// When it expires.
    pub expires_at: Timestamp,
}

kontract::storage!();
