//! What SQLite says, as errors of ours: by extended
//! [result code](https://www.sqlite.org/rescode.html). Its messages name columns and constraints,
//! not values.

use kontract_schema::code;
use rusqlite::ffi;

use super::fit;
use crate::error::{DatabaseError, Error, Kind, MISFIT, MISFIT_HELP, MISSING, MISSING_HELP};

/// An error of a statement.
pub(crate) fn convert(error: rusqlite::Error) -> Error {
    let (code, message) = match &error {
        rusqlite::Error::SqliteFailure(failure, message) => {
            (failure.extended_code, message.clone().unwrap_or_default())
        }
        rusqlite::Error::SqlInputError { error, msg, .. } => (error.extended_code, msg.clone()),
        _ => (0, error.to_string()),
    };
    if let Some(refused) = message.strip_prefix(fit::REFUSED) {
        return Error::value(refused.to_owned());
    }
    let after = |prefix: &str| message.strip_prefix(prefix).unwrap_or_default().to_owned();
    let (kind, what) = match code {
        ffi::SQLITE_CONSTRAINT_UNIQUE
        | ffi::SQLITE_CONSTRAINT_PRIMARYKEY
        | ffi::SQLITE_CONSTRAINT_ROWID => {
            let what = after("UNIQUE constraint failed: ");
            (Kind::Unique { constraint: index_name(&what) }, "another row has these values")
        }
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => {
            (Kind::ForeignKey { constraint: String::new() }, "a foreign key is violated")
        }
        ffi::SQLITE_CONSTRAINT_CHECK => {
            let constraint = after("CHECK constraint failed: ");
            (Kind::Check { constraint }, "a check refused the row")
        }
        ffi::SQLITE_CONSTRAINT_NOTNULL => {
            let column = after("NOT NULL constraint failed: ");
            let column = column.rsplit('.').next().unwrap_or_default().to_owned();
            (Kind::NotNull { column }, "a column needs a value")
        }
        ffi::SQLITE_CONSTRAINT_DATATYPE => {
            (Kind::Value, "a column refused a value of another type")
        }
        _ => match code & 0xff {
            ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED => {
                (Kind::Timeout, "another process holds the database")
            }
            ffi::SQLITE_READONLY => (Kind::Denied, "the database cannot be written to"),
            ffi::SQLITE_CANTOPEN => (Kind::NoDatabase, "the file cannot be opened"),
            ffi::SQLITE_NOTADB => (Kind::NoDatabase, "the file is not an SQLite database"),
            ffi::SQLITE_CORRUPT => (Kind::Database, "the file is damaged"),
            ffi::SQLITE_FULL => (Kind::Database, "the disk is full"),
            _ if is_missing(&message) => (Kind::Database, MISSING),
            _ if message == "integer overflow" => (Kind::Value, MISFIT),
            _ => (Kind::Database, "the database refused the statement"),
        },
    };
    let named = match &kind {
        Kind::Unique { constraint: name }
        | Kind::Check { constraint: name }
        | Kind::NotNull { column: name } => format!("{what} (`{name}`)").into(),
        _ => std::borrow::Cow::Borrowed(what),
    };
    let reported = match &kind {
        Kind::Database | Kind::Value | Kind::NoDatabase | Kind::Denied => message,
        _ => String::new(),
    };
    let code = code.to_string();
    let error_code = match kind {
        Kind::NoDatabase if code == "26" => Some(code::NOT_A_DATABASE),
        Kind::NoDatabase => Some(code::NO_DIRECTORY),
        Kind::Denied => Some(code::READ_ONLY),
        Kind::Database if what == MISSING => Some(code::TABLE_MISSING),
        _ => None,
    };
    let error = Error::new(kind, named).with_source(DatabaseError { code, message: reported });
    match error_code {
        Some(code::TABLE_MISSING) => error.with_code(code::TABLE_MISSING).with_help(MISSING_HELP),
        Some(code) => error.with_code(code),
        None if what == MISFIT => error.with_help(MISFIT_HELP),
        None => error,
    }
}

/// Whether a table or a column is not there.
fn is_missing(message: &str) -> bool {
    let begins = |start: &str| message.starts_with(start);
    begins("no such table: ")
        || begins("no such column: ")
        || message.contains(" has no column named ")
}

/// `posts.author, posts.title` as it is, and the name of an index on an expression.
fn index_name(what: &str) -> String {
    let name = what.strip_prefix("index '").and_then(|rest| rest.strip_suffix('\''));
    name.unwrap_or(what).to_owned()
}

/// Whether another connection was in the way.
pub(super) fn is_busy(error: &Error) -> bool {
    let busy = |code: i32| matches!(code & 0xff, ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED);
    *error.kind() == Kind::Timeout && code(error).is_some_and(busy)
}

/// Whether a statement was ended because it took long.
pub(super) fn is_interrupted(error: &Error) -> bool {
    code(error) == Some(ffi::SQLITE_INTERRUPT)
}

fn code(error: &Error) -> Option<i32> {
    error.database().and_then(|error| error.code.parse().ok())
}
