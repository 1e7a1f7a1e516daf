//! The database of a learning platform: accounts, invitations, refresh tokens and encrypted data of
//! its users. The fifth table of such a database, the record of its migrations, is Kontract's own
//! `_kontract_migrations`.
//!
//! The history in `kontract.lock.json` grew as the platform did, one migration a table and then a
//! column: `init`, `invite_codes`, `user_accounts`, `refresh_tokens`, `add_revoked_to_accounts`.

use kontract::prelude::*;

/// What a user's device has put away, encrypted: the server cannot read it.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", name = "user_sync_data")]
pub struct UserSyncData {
    /// Whose it is.
    #[primkey]
    pub user_id: Uuid,
    /// The encrypted blob.
    pub data: Bytes,
    /// Counts the times it was put away.
    #[default(1)]
    pub revision: i64,
    /// When it was put away last.
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
    /// How many may still use it.
    #[check("uses_left >= 0")]
    #[default(1)]
    pub uses_left: i32,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// When it was made.
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
    /// The name to log in with.
    #[unique]
    pub username: String,
    /// A hash of the password.
    pub password_hash: String,
    /// The code that was used.
    #[references(InviteCode, on_delete = "set_null")]
    #[index]
    pub invite_code: Option<String>,
    /// Whether it may log in no longer.
    #[default(false)]
    pub revoked: bool,
    /// When it was made.
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
    /// Whose it is.
    #[references(UserAccount, on_delete = "cascade")]
    #[index]
    pub user_id: Uuid,
    /// When it ends.
    pub expires_at: Timestamp,
}

kontract::storage!();
