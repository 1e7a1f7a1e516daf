//! Where a SQLite database is, and a connection to it.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use kontract_schema::code;
use kontract_schema::dialect::dml::MICROS;
use rusqlite::config::DbConfig;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::{Connection, OpenFlags};

use super::confine::confine;
use super::error::convert;
use super::wal::beside;
use super::{aggregates, fit, ranges};
use crate::error::{Error, Kind, Result};
use crate::value::types::calendar::parse_moment;

/// The file, or memory.
#[derive(Clone, Debug)]
pub(crate) struct Location {
    path: Option<PathBuf>,
    flags: OpenFlags,
    /// Whether a file that no process has open is read without a lock.
    alone: bool,
    /// Whether statements cannot reach other files.
    confined: bool,
}

impl Location {
    /// `sqlite:app.db`, `sqlite://app.db`, `sqlite:///var/app.db`, `sqlite::memory:`; with `?mode=`
    /// `ro` (only reads), `rw` (the file has to be there) or `rwc` (creates it, the default).
    pub(super) fn parse(url: &str) -> Result<Location> {
        let wrong = |why: &str| {
            Error::new(Kind::Url, format!("the connection string {why}"))
                .with_code(code::DATABASE_URL)
                .with_help(
                    "the form is `sqlite:app.db`, `sqlite:///absolute/app.db` or `sqlite::memory:`",
                )
        };
        let rest = url.strip_prefix("sqlite:").ok_or_else(|| wrong("is not one of SQLite"))?;
        let (path, options) = rest.split_once('?').unwrap_or((rest, ""));
        // `//user:password@host/name` would be reported as a directory, with the password.
        let authority = path.strip_prefix("//").and_then(|rest| rest.split('/').next());
        let user = authority.and_then(|authority| authority.split_once('@'));
        if user.is_some_and(|(user, _)| user.contains(':')) {
            return Err(wrong("has a user and a host, but SQLite opens a file"));
        }
        let path = path.strip_prefix("//").unwrap_or(path);
        let create = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let flags = match options {
            "" | "mode=rwc" => create,
            "mode=rw" => OpenFlags::SQLITE_OPEN_READ_WRITE,
            "mode=ro" => OpenFlags::SQLITE_OPEN_READ_ONLY,
            _ => return Err(wrong("has options that are not known")),
        };
        match path {
            "" => Err(wrong("has no path")),
            ":memory:" => Ok(Location { path: None, flags: create, alone: false, confined: false }),
            path => Ok(Location {
                path: Some(PathBuf::from(path)),
                flags,
                alone: false,
                confined: false,
            }),
        }
    }

    /// The location opened only to read, without a trace: a reader of a file in the mode of the
    /// write-ahead log makes two more beside it, and cannot remove them.
    pub(super) fn untouched(self) -> Location {
        Location { flags: OpenFlags::SQLITE_OPEN_READ_ONLY, alone: true, ..self }
    }

    /// The location whose connections cannot reach other files.
    pub(super) fn confined(self) -> Location {
        Location { confined: true, ..self }
    }

    /// The file; none in memory.
    pub(super) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Whether there can be only one connection.
    pub(super) fn is_memory(&self) -> bool {
        self.path.is_none()
    }

    /// A new connection, set up.
    pub(super) fn open(&self) -> Result<Connection> {
        is_new_enough(rusqlite::version_number())?;
        if let Some(path) = &self.path {
            self.check(path)?;
        }
        // One thread at a time has a connection, so SQLite needs no lock of its own.
        let flags = self.flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = match &self.path {
            Some(path) if self.alone && is_at_rest(path) => {
                Connection::open_with_flags(immutable(path), flags | OpenFlags::SQLITE_OPEN_URI)
            }
            Some(path) => Connection::open_with_flags(path, flags),
            None => Connection::open_in_memory_with_flags(flags),
        };
        let connection = connection.map_err(convert)?;
        self.set_up(&connection)?;
        Ok(connection)
    }

    /// The mistakes that SQLite has one message for.
    fn check(&self, path: &Path) -> Result<()> {
        let shown = path.display();
        if path.is_dir() {
            return Err(Error::new(Kind::NoDatabase, format!("`{shown}` is a directory"))
                .with_code(code::IS_DIRECTORY)
                .with_help("name a file in it"));
        }
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        if let Some(parent) = parent.filter(|parent| !parent.is_dir()) {
            let parent = parent.display();
            return Err(Error::new(Kind::NoDatabase, format!("no directory `{parent}`"))
                .with_code(code::NO_DIRECTORY)
                .with_help("create it first"));
        }
        if !self.flags.contains(OpenFlags::SQLITE_OPEN_CREATE) && !path.exists() {
            return Err(Error::new(Kind::NoDatabase, format!("there is no file `{shown}`"))
                .with_code(code::NO_DATABASE)
                .with_help(if self.alone {
                    "this command only reads: start the program, or run `kontract migrate up`, to create it"
                } else {
                    "`?mode=rwc` creates it"
                }));
        }
        Ok(())
    }

    fn set_up(&self, connection: &Connection) -> Result<()> {
        // While the file changes to the write-ahead log, others wait here, on a blocking thread.
        connection.busy_timeout(Duration::from_secs(10)).map_err(convert)?;
        let pragma =
            |name: &str, value: &str| connection.pragma_update(None, name, value).map_err(convert);
        if self.path.is_some() && self.flags.contains(OpenFlags::SQLITE_OPEN_READ_WRITE) {
            pragma("journal_mode", "wal")?;
            // Safe against a crash of the program; a power cut can lose the last commits, but
            // damages nothing.
            pragma("synchronous", "normal")?;
        }
        pragma("foreign_keys", "on")?;
        // `"typo"` is a column that is not there, not a text.
        for config in [DbConfig::SQLITE_DBCONFIG_DQS_DDL, DbConfig::SQLITE_DBCONFIG_DQS_DML] {
            connection.set_db_config(config, false).map_err(convert)?;
        }
        rusqlite::vtab::array::load_module(connection).map_err(convert)?;
        connection.create_scalar_function(MICROS, 1, PURE, micros).map_err(convert)?;
        aggregates::register(connection, PURE).map_err(convert)?;
        fit::register(connection, PURE).map_err(convert)?;
        ranges::register(connection, PURE).map_err(convert)?;
        connection.set_prepared_statement_cache_capacity(1024);
        if self.confined {
            confine(connection)?;
        }
        connection.busy_timeout(Duration::ZERO).map_err(convert)
    }
}

/// The oldest library: it has STRICT tables, DROP COLUMN, RETURNING and `->>`.
const OLDEST: i32 = 3_038_000;

fn is_new_enough(version: i32) -> Result<()> {
    if version >= OLDEST {
        return Ok(());
    }
    let shown = |version: i32| format!("{}.{}", version / 1_000_000, version / 1000 % 1000);
    let (is, oldest) = (shown(version), shown(OLDEST));
    Err(Error::new(
        Kind::Database,
        format!("the SQLite library is {is}, and needs to be {oldest} or newer"),
    )
    .with_code(code::SQLITE_TOO_OLD)
    .with_help("build without LIBSQLITE3_SYS_USE_PKG_CONFIG: SQLite then comes with the program"))
}

/// Whether the file is in the mode of the write-ahead log and has no log: no process has it open.
/// <https://www.sqlite.org/fileformat.html#file_format_version_numbers>
fn is_at_rest(path: &Path) -> bool {
    let mut header = [0; 20];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut header));
    read.is_ok() && header[18] == 2 && !beside(path).exists()
}

/// The file as an address with `immutable`: no process changes it meanwhile.
/// <https://www.sqlite.org/uri.html>
fn immutable(path: &Path) -> String {
    let text = path.to_string_lossy();
    let text = text.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    format!("file:{text}?immutable=1")
}

/// The function is deterministic and has no side effects.
const PURE: FunctionFlags = FunctionFlags::SQLITE_DETERMINISTIC
    .union(FunctionFlags::SQLITE_INNOCUOUS)
    .union(FunctionFlags::SQLITE_UTF8);

/// The function [`MICROS`]: NULL for what is not a date with time.
fn micros(context: &Context<'_>) -> rusqlite::Result<Option<i64>> {
    let text = context.get_raw(0).as_str().ok();
    Ok(text.and_then(parse_moment))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries() {
        let error = is_new_enough(3_037_002).expect_err("it has no `->>`");
        assert_eq!(error.code(), Some("K0438"));
        assert!(error.to_string().contains("3.37"), "{error}");
        is_new_enough(OLDEST).expect("it has all");
        is_new_enough(rusqlite::version_number()).expect("the library of this program");
    }
}
