//! What the server and the driver say, as errors of ours: by SQLSTATE, and without the values of
//! rows that details and some messages hold.

use std::io;

use kontract_schema::code;
use sqlx::postgres::{PgConnectOptions, PgDatabaseError, PgSeverity};

use crate::error::{DatabaseError, Error, Kind, MISFIT, MISFIT_HELP, MISSING, MISSING_HELP};

const NO_PARTITION: &str = "no partition of the table takes the row";

fn database(error: &sqlx::Error) -> Option<&PgDatabaseError> {
    error.as_database_error()?.try_downcast_ref()
}

/// Whether the connection is of no more use.
pub(super) fn is_broken(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) => true,
        _ => database(error)
            .is_some_and(|error| matches!(error.severity(), PgSeverity::Fatal | PgSeverity::Panic)),
    }
}

/// Whether a statement with this error did certainly not take effect.
pub(super) fn was_not_run(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => error.kind() == io::ErrorKind::BrokenPipe,
        _ => database(error).is_some_and(|e| matches!(e.code(), "57P01" | "57P02" | "57P03")),
    }
}

/// Whether a pooler refused a setting that a connection began with.
pub(super) fn is_refused_parameter(error: &sqlx::Error) -> bool {
    database(error).is_some_and(|error| {
        error.code() == "08P01" && error.message().contains("startup parameter")
    })
}

/// Whether the table changed under a prepared statement: another connection will prepare it again.
pub(super) fn is_stale_plan(error: &sqlx::Error) -> bool {
    database(error).is_some_and(|error| {
        error.code() == "0A000" && error.routine() == Some("RevalidateCachedQuery")
    })
}

/// An error of a statement.
pub(crate) fn convert(error: sqlx::Error) -> Error {
    if let Some(error) = database(&error) {
        return of_server(error);
    }
    match error {
        sqlx::Error::Io(error) => Error::new(
            Kind::Connection,
            "the connection was lost; whether the statement took effect is not known",
        )
        .with_code(code::UNREACHABLE)
        .with_source(error),
        error => Error::new(Kind::Connection, "the connection failed")
            .with_code(code::UNREACHABLE)
            .with_source(DatabaseError { code: String::new(), message: error.to_string() }),
    }
}

/// An error of connecting. It names the server or the database, never the password.
pub(super) fn connect(error: sqlx::Error, options: &PgConnectOptions) -> Error {
    if let Some(error) = database(&error) {
        return match error.code() {
            "3D000" => no_database(options),
            _ => of_server(error),
        };
    }
    match error {
        sqlx::Error::Io(error) => {
            let message = format!("no server answers at `{}`", address(options));
            Error::new(Kind::Connection, message)
                .with_code(code::UNREACHABLE)
                .with_help("check host and port, and that the server is running")
                .with_source(DatabaseError { code: String::new(), message: error.to_string() })
        }
        sqlx::Error::Tls(error) => {
            let source = DatabaseError { code: String::new(), message: error.to_string() };
            let refused = Error::new(Kind::Connection, "no encrypted connection could be made")
                .with_code(code::UNREACHABLE)
                .with_source(source);
            if cfg!(feature = "tls") {
                refused.with_help("check that the server has TLS, and its certificate")
            } else {
                refused
                    .with_help("TLS is built in by the feature `tls`: `cargo add kontract --features tls`; without it, `sslmode=disable` connects unencrypted")
            }
        }
        error => convert(error),
    }
}

/// The socket, or the host and port.
fn address(options: &PgConnectOptions) -> String {
    match options.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    }
}

fn no_database(options: &PgConnectOptions) -> Error {
    // Without a database in the connection string the server takes the one named after the user.
    let name = options.get_database().unwrap_or_else(|| options.get_username());
    Error::new(Kind::NoDatabase, format!("the server has no database `{name}`"))
        .with_code(code::NO_DATABASE)
        .with_help(format!("create it first: `createdb {name}`"))
        .with_source(DatabaseError { code: "3D000".to_owned(), message: String::new() })
}

/// Whether a function or an operator is missing because of the type of a column, as of `json` and `xml`.
/// An operator between two types is a mistake in a text: `bigint = text`.
fn lacks_operation(message: &str) -> bool {
    if let Some(operation) = message.strip_prefix("operator does not exist: ") {
        let is_sign = |word: &str| !word.contains(char::is_alphanumeric);
        let words: Vec<&str> = operation.split(' ').collect();
        let mut sides = words.splitn(2, |word| is_sign(word));
        return sides.next() == sides.next();
    }
    ["could not identify", "function min(", "function max("]
        .iter()
        .any(|start| message.starts_with(start))
}

/// Returns the name of the type that a text is not a value of, from the server's message. The text, which the
/// message quotes, is behind it.
fn find_expected_type(code: &str, message: &str) -> Option<&'static str> {
    const NAMES: [&str; 19] = [
        "inet",
        "cidr",
        "macaddr8",
        "macaddr",
        "interval",
        "uuid",
        "numeric",
        "smallint",
        "integer",
        "bigint",
        "real",
        "double precision",
        "boolean",
        "date",
        "json",
        "timestamp with time zone",
        "timestamp",
        "time with time zone",
        "time",
    ];
    // Beginnings of messages that do not name the type as others do.
    const OTHERS: [(&str, &str); 11] = [
        ("invalid cidr value", "cidr"),
        ("malformed range literal", "range"),
        ("malformed multirange literal", "multirange"),
        ("range lower bound must be", "range"),
        ("ltree syntax error", "ltree"),
        ("syntax error in tsvector", "tsvector"),
        ("syntax error in tsquery", "tsquery"),
        ("no operand in tsquery", "tsquery"),
        ("invalid octet value in \"macaddr\"", "macaddr"),
        ("invalid octet value in \"macaddr8\"", "macaddr8"),
        ("invalid XML content", "xml"),
    ];
    if !(code.starts_with("22") || code == "42601" || code == "2200N") {
        return None;
    }
    let other = OTHERS.iter().find(|(start, _)| message.starts_with(start));
    if let Some((_, name)) = other {
        return Some(name);
    }
    if message.contains("is not a valid binary digit")
        || message.contains("is not a valid hexadecimal digit")
    {
        return Some("bit");
    }
    let rest = message.strip_prefix("invalid input syntax for type ")?;
    NAMES.into_iter().find(|name| {
        rest.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
    })
}

fn of_server(error: &PgDatabaseError) -> Error {
    if let Some(ty) = find_expected_type(error.code(), error.message()) {
        let source = DatabaseError { code: error.code().to_owned(), message: String::new() };
        return Error::not_of_type(ty).with_source(source);
    }
    let name = |name: Option<&str>| name.unwrap_or_default().to_owned();
    let constraint = name(error.constraint());
    let code = error.code();
    let (kind, message) = match code {
        "23505" => (Kind::Unique { constraint }, "another row has these values"),
        "23503" => (Kind::ForeignKey { constraint }, "a foreign key is violated"),
        // Not a constraint: the bounds of the partitions.
        "23514" if constraint.is_empty() => (Kind::Database, NO_PARTITION),
        "23514" => (Kind::Check { constraint }, "a check refused the row"),
        "23502" => (Kind::NotNull { column: name(error.column()) }, "a column needs a value"),
        "40001" | "40P01" => (Kind::Retry, "another transaction was in the way"),
        "55P03" => (Kind::Timeout, "a lock did not become free in time"),
        "57014" => (Kind::Timeout, "the statement was cancelled"),
        "53100" => (Kind::Database, "the disk is full"),
        "53300" => (Kind::Connection, "the server has no free connection"),
        "28P01" | "28000" => (Kind::Denied, "the server refused the user or the password"),
        "42P01" | "42703" => (Kind::Database, MISSING),
        "42501" => (Kind::Denied, "the user lacks a privilege"),
        "25006" => (Kind::Denied, "the database cannot be written to"),
        "57P01" | "57P02" | "57P03" => (Kind::Connection, "the server ended the session"),
        _ if code.starts_with("08") => (Kind::Connection, "the connection failed"),
        "42883" if lacks_operation(error.message()) => {
            (Kind::Unsupported, "the type of a column does not have this operation")
        }
        "22003" => (Kind::Value, MISFIT),
        "22001" => (Kind::Value, "a text is too long for its column"),
        "22026" => (Kind::Value, "a bit string has another length than its column"),
        "22P02" | "22007" => (Kind::Value, "a text does not have the form of its column's type"),
        "22008" => (Kind::Value, "a date or time is out of the range of its column's type"),
        _ if code.starts_with("22") => (Kind::Value, "the database refused a value"),
        _ => (Kind::Database, "the database refused the statement"),
    };
    // Messages of classes 22 (data) and 23 (integrity) quote values; the others speak of names.
    let message_of_server = match &code[..code.len().min(2)] {
        "22" | "23" => String::new(),
        "28" => String::new(),
        // What is in the way is in the detail: "view v depends on column c of table t".
        "0A" | "2B" | "42" | "55" => match error.detail() {
            Some(detail) => {
                let lines: Vec<&str> = detail.lines().collect();
                format!("{}: {}", error.message(), lines.join(", "))
            }
            None => error.message().to_owned(),
        },
        _ => error.message().to_owned(),
    };
    let source = DatabaseError { code: code.to_owned(), message: message_of_server };
    let named = match &kind {
        Kind::Unique { constraint: name }
        | Kind::ForeignKey { constraint: name }
        | Kind::Check { constraint: name }
        | Kind::NotNull { column: name } => format!("{message} (`{name}`)").into(),
        _ if message == NO_PARTITION => format!("{message} (`{}`)", name(error.table())).into(),
        _ => std::borrow::Cow::Borrowed(message),
    };
    let (error_code, help) = match &kind {
        Kind::Denied if code == "25006" => (Some(code::READ_ONLY), None),
        Kind::Denied if code != "42501" => {
            (Some(code::ACCESS_DENIED), Some("check user and password of the connection string"))
        }
        Kind::Connection => (Some(code::UNREACHABLE), None),
        Kind::Database if message == MISSING => (Some(code::TABLE_MISSING), Some(MISSING_HELP)),
        _ if message == NO_PARTITION => (None, Some("create the partition for its values first")),
        Kind::Unsupported => (
            None,
            Some(
                "use another column, or give this one a type that can be compared and ordered: `#[column(sql_type = \"…\")]`",
            ),
        ),
        _ if message == MISFIT => (None, Some(MISFIT_HELP)),
        _ => (None, None),
    };
    let mut result = Error::new(kind, named).with_source(source);
    if let Some(code) = error_code {
        result = result.with_code(code);
    }
    match help {
        Some(help) => result.with_help(help),
        None => result,
    }
}
