//! Confines a connection to its own file: for migrations that come from other people.

use rusqlite::Connection;
use rusqlite::ffi::SQLITE_ATTACH;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

use super::error::convert;
use crate::error::Result;

/// Functions of SQLite and of its command line that read or write files or load code.
const FUNCTIONS: [&str; 7] =
    ["edit", "fsdir", "fts3_tokenizer", "load_extension", "readfile", "writefile", "zipfile"];

/// Pragmas that are about other files, or that let SQL change what SQLite trusts.
const PRAGMAS: [&str; 4] =
    ["data_store_directory", "temp_store_directory", "trusted_schema", "writable_schema"];

/// From now on SQLite refuses statements that reach other files or load code.
///
/// # Errors
/// Those of SQLite.
pub(super) fn confine(connection: &Connection) -> Result<()> {
    connection.authorizer(Some(decide)).map_err(convert)
}

fn decide(context: AuthContext<'_>) -> Authorization {
    let is_one_of = |names: &[&str], name: &str| {
        names.iter().any(|forbidden| forbidden.eq_ignore_ascii_case(name))
    };
    let reaches_out = match context.action {
        // VACUUM attaches a database without a name. A name that is not a literal is unknown.
        AuthAction::Attach { filename } => !filename.is_empty(),
        AuthAction::Unknown { code, .. } => code == SQLITE_ATTACH,
        AuthAction::Function { function_name } => is_one_of(&FUNCTIONS, function_name),
        AuthAction::Pragma { pragma_name, pragma_value: Some(_) } => {
            is_one_of(&PRAGMAS, pragma_name)
        }
        _ => false,
    };
    if reaches_out { Authorization::Deny } else { Authorization::Allow }
}
