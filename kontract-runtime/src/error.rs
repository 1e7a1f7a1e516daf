//! The error type of the runtime: the failed operation, the kind of the failure, and its source.
//!
//! Messages name tables, constraints and migrations. They never contain values of rows, connection
//! strings or passwords: [`Error::database`] leaves out what a server reports about values.

use std::any::Any;
use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

use kontract_schema::code::Code;

/// A result with an [`Error`].
///
/// ```
/// fn port(text: &str) -> kontract_runtime::Result<u16> {
///     text.parse().map_err(kontract_runtime::Error::custom)
/// }
/// assert!(port("x").is_err());
/// ```
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The error of a failed operation.
///
/// ```
/// # use kontract_runtime::{Error, Kind};
/// fn status(error: &Error) -> u16 {
///     match error.kind() {
///         Kind::NotFound => 404,
///         Kind::Conflict { .. } | Kind::Unique { .. } => 409,
///         _ => 500,
///     }
/// }
/// ```
#[non_exhaustive]
pub struct Error(Box<Inner>);

struct Inner {
    kind: Kind,
    code: Option<Code>,
    doing: Option<Cow<'static, str>>,
    message: Cow<'static, str>,
    notes: Vec<Cow<'static, str>>,
    help: Option<Cow<'static, str>>,
    /// The type of PostgreSQL that a text is not a value of.
    expected_type: Option<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
    current_row: Option<Box<dyn Any + Send + Sync>>,
}

/// The kind of an error, for programs that handle some kinds in their own way.
///
/// ```
/// # use kontract_doc_tables::*; example(async |users, tasks| {
/// let ann = users.get(1).await?.unwrap();
/// let taken = users.insert(User { id: 4, name: "Anna".into(), ..ann }).await;
/// match taken.as_ref().map_err(|error| error.kind()) {
///     Err(Kind::Unique { constraint }) => assert_eq!(constraint, "users_email_key"),
///     other => panic!("{other:?}"),
/// }
/// # Ok(()) })
/// ```
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// No live row has the key, or a query that has to return one row returned none. Insert the row, or
    /// use `set` or `first`.
    NotFound,
    /// `one` found more than one row. Make the filter more specific, or use `first`.
    Several,
    /// The row has another version than the expected one. Repeat the change on the row as it is now, which
    /// [`Error::current_row`] returns.
    Conflict {
        /// The version that the caller expected.
        expected: i64,
        /// The version that the row has.
        actual: i64,
    },
    /// Another row has the same key or the same unique values. Use `set` or `upsert` to replace it.
    Unique {
        /// The name of the constraint or index; its columns if the database does not report the
        /// name.
        constraint: String,
    },
    /// A foreign key violation: the referenced row does not exist, or other rows still reference
    /// the row. Insert or delete the other row first, or declare `on_delete`.
    ForeignKey {
        /// The name of the constraint; empty if the database does not report it (SQLite).
        constraint: String,
    },
    /// The row violates a CHECK constraint.
    Check {
        /// The name of the constraint.
        constraint: String,
    },
    /// A NOT NULL violation: a required column got no value.
    NotNull {
        /// The name of the column.
        column: String,
    },
    /// A value that the database could not return unchanged: NaN in a JSON document, a NUL
    /// character in a text, a number out of range. The error occurs before anything is sent.
    Value,
    /// A value in the database does not fit the type of the field: other software changed the row or the
    /// table. `kontract drift` compares the tables.
    Decode,
    /// The database cannot be reached, or the connection was lost. If a statement was running, it is not known
    /// whether it took effect.
    Connection,
    /// The database refused the user or the password.
    Denied,
    /// The handle is bound to an owner, who must not do this. Nothing was sent to the database.
    Forbidden,
    /// The database in the address does not exist. Create it: `createdb NAME` on PostgreSQL.
    NoDatabase,
    /// The address is invalid. Forms: `postgres://user:password@host:5432/database`, `sqlite:app.db`.
    Url,
    /// No connection or no lock became free in time. Try again; long transactions and missing indexes are common
    /// causes.
    Timeout,
    /// A serialization failure or deadlock with another transaction. Run the whole transaction again;
    /// `Storage::transaction` does so up to five times.
    Retry,
    /// The transaction cannot continue because a statement in it failed, or it has ended. Run a statement that may
    /// fail in a nested transaction.
    Transaction,
    /// The program's own error, returned from the closure of a transaction; see [`Error::custom`].
    Custom,
    /// The changes behind a cursor are not known, because the database was restored or replaced. Discard what
    /// was derived from the rows, and read all of them: `ChangeCursor::start()`.
    Resync,
    /// The schema of the database and the schema of the program do not match, or a migration failed. See
    /// [`Error::help`].
    Migration,
    /// The database does not have this feature; the message names it.
    Unsupported,
    /// Any other error of the database; see [`Error::database`].
    Database,
}

/// The error that the database reported, without values of rows.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DatabaseError {
    /// SQLSTATE on PostgreSQL (`23505`), the extended result code on SQLite (`2067`).
    pub code: String,
    /// The message; empty if it could contain values of rows.
    pub message: String,
}

impl fmt::Display for DatabaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.message.is_empty(), self.code.is_empty()) {
            (false, false) => write!(f, "{} ({})", self.message, self.code),
            (false, true) => f.write_str(&self.message),
            (true, _) => write!(f, "database error {}", self.code),
        }
    }
}

impl DatabaseError {
    /// Returns what the database reported; of another error its text, without a code.
    pub(crate) fn from_error(error: &Error) -> DatabaseError {
        let text = || DatabaseError { code: String::new(), message: error.to_string() };
        error.database().cloned().unwrap_or_else(text)
    }
}

impl StdError for DatabaseError {}

/// The message for a missing table or column. Both databases report it only when a statement uses
/// the table or column.
pub(crate) const MISSING: &str = "a table or a column does not exist";
pub(crate) const MISSING_HELP: &str = "`kontract drift` shows how the database differs from the lock file; `create` creates the table of a `standalone` struct";

/// The message for a number that is out of range, computed by the database or sent to it.
pub(crate) const MISFIT: &str = "a number does not fit its type";
pub(crate) const MISFIT_HELP: &str =
    "exclude such rows by a condition, or give the field a type with a larger range";

/// The help for a text that is not a value of its column's type.
pub(crate) const TEXT_HELP: &str = "write it as PostgreSQL prints values of the type";

impl Error {
    /// Creates an error of that kind. The message begins in lower case and has no full stop.
    pub(crate) fn new(kind: Kind, message: impl Into<Cow<'static, str>>) -> Error {
        Error(Box::new(Inner {
            kind,
            code: None,
            doing: None,
            message: message.into(),
            notes: Vec::new(),
            help: None,
            expected_type: None,
            source: None,
            current_row: None,
        }))
    }

    /// Creates an error of [`Kind::Value`]: the value must not be sent.
    pub(crate) fn value(message: impl Into<Cow<'static, str>>) -> Error {
        Error::new(Kind::Value, message)
    }

    /// Creates an error of [`Kind::Value`]: a text is not a value of a type of PostgreSQL. Whoever knows the table
    /// adds its columns of the type.
    pub(crate) fn not_of_type(ty: &str) -> Error {
        let mut error =
            Error::value(format!("a text is not a value of the type `{ty}`")).with_help(TEXT_HELP);
        error.0.expected_type = Some(ty.to_owned());
        error
    }

    /// Returns the type of PostgreSQL that a text is not a value of.
    pub(crate) fn expected_type(&self) -> Option<&str> {
        self.0.expected_type.as_deref()
    }

    /// Creates an error of [`Kind::Decode`]: the stored value does not fit its type.
    pub(crate) fn decode(message: impl Into<Cow<'static, str>>) -> Error {
        Error::new(Kind::Decode, message)
    }

    /// Sets the code that `kontract explain` explains.
    pub(crate) fn with_code(mut self, code: Code) -> Error {
        self.0.code = Some(code);
        self
    }

    /// Adds a note: a further fact, in one line.
    pub(crate) fn with_note(mut self, note: impl Into<Cow<'static, str>>) -> Error {
        self.0.notes.push(in_one_line(note.into()));
        self
    }

    /// Sets the help: what the user can do.
    pub(crate) fn with_help(mut self, help: impl Into<Cow<'static, str>>) -> Error {
        self.0.help = Some(in_one_line(help.into()));
        self
    }

    /// Sets the error that caused this one.
    pub(crate) fn with_source(
        mut self,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Error {
        self.0.source = Some(source.into());
        self
    }

    /// Creates an error of [`Kind::Unique`]: another row has the key or the unique values.
    pub(crate) fn taken(constraint: String) -> Error {
        let what = format!("another row has these values (`{constraint}`)");
        Error::new(Kind::Unique { constraint }, what)
    }

    /// Sets the row as it is now, of an error of [`Kind::Conflict`].
    pub(crate) fn with_current_row(mut self, row: Box<dyn Any + Send + Sync>) -> Error {
        self.0.current_row = Some(row);
        self
    }

    /// Turns the error into one of [`Kind::Unique`] with the name of the constraint.
    pub(crate) fn taken_in(mut self, constraint: String) -> Error {
        let Inner { kind, message, .. } = *Error::taken(constraint).0;
        (self.0.kind, self.0.message) = (kind, message);
        self
    }

    /// Adds the name of the column to the message of an error of [`Kind::Decode`].
    pub(crate) fn in_column(mut self, column: &str) -> Error {
        if self.0.kind == Kind::Decode {
            self.0.message = format!("column `{column}`: {}", self.0.message).into();
        }
        self
    }

    /// Adds the names of the columns that a value may be of to the message.
    pub(crate) fn of_columns(mut self, columns: &str) -> Error {
        self.0.message = format!("{columns}: {}", self.0.message).into();
        self
    }

    /// Sets the operation, ``update of `users` ``. An operation that is set already stays.
    pub(crate) fn doing(mut self, doing: impl Into<Cow<'static, str>>) -> Error {
        self.0.doing.get_or_insert_with(|| doing.into());
        self
    }

    /// Returns the operation, the message and what the database reported in one line, without the
    /// code, the notes and the help.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let error = users.update(99, User::patch().name("Zoe")).await.unwrap_err();
    /// assert!(error.summary().starts_with("update of `users`: "));
    /// # Ok(()) })
    /// ```
    pub fn summary(&self) -> String {
        let mut text = String::new();
        if let Some(doing) = &self.0.doing {
            text.push_str(doing);
            text.push_str(": ");
        }
        text.push_str(&self.0.message);
        if let Some(source) = self.database()
            && !source.message.is_empty()
        {
            text.push_str(": ");
            text.push_str(&source.to_string());
        }
        in_one_line(text.into()).into_owned()
    }

    /// Returns the message without the operation and what the database reported.
    pub(crate) fn message(&self) -> &str {
        &self.0.message
    }

    /// Creates an error of the program itself ([`Kind::Custom`]), for instance to roll back a
    /// transaction.
    ///
    /// ```
    /// # use kontract_runtime::{Error, Kind};
    /// let error = Error::custom("the account is empty");
    /// assert_eq!(*error.kind(), Kind::Custom);
    /// assert_eq!(error.to_string(), "the account is empty");
    /// ```
    pub fn custom(error: impl Into<Box<dyn StdError + Send + Sync>>) -> Error {
        let error = error.into();
        Error::new(Kind::Custom, error.to_string()).with_source(error)
    }

    /// Returns the error that was given to [`Error::custom`], if it has that type.
    ///
    /// ```
    /// # use kontract_runtime::Error;
    /// let error = Error::custom(std::io::Error::other("disk"));
    /// assert!(error.downcast_ref::<std::io::Error>().is_some());
    /// ```
    pub fn downcast_ref<E: StdError + 'static>(&self) -> Option<&E> {
        self.0.source.as_deref()?.downcast_ref()
    }

    /// Returns the row as it is now, with the version that the kind names, if `update_if` failed with
    /// [`Kind::Conflict`] on a table of `R`.
    ///
    /// ```
    /// # use kontract_doc_tables::*; queue_example(async |jobs| {
    /// jobs.insert(Job { id: 1, name: "mail".into() }).await?;
    /// jobs.update_if(1, 1, Job::patch().name("letter")).await?;
    /// let error = jobs.update_if(1, 1, Job::patch().name("parcel")).await.unwrap_err();
    /// assert_eq!(error.current_row::<Job>().unwrap().name, "letter");
    /// # Ok(()) })
    /// ```
    pub fn current_row<R: 'static>(&self) -> Option<&R> {
        self.0.current_row.as_deref()?.downcast_ref()
    }

    /// Sets the kind to [`Kind::Retry`]: the transaction may be run again.
    pub(crate) fn retryable(mut self) -> Error {
        self.0.kind = Kind::Retry;
        self
    }

    /// Returns the kind of the error, to match on.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let missing = users.update(99, User::patch().name("Zoe")).await.unwrap_err();
    /// let status = match missing.kind() {
    ///     Kind::NotFound => 404,
    ///     Kind::Unique { .. } | Kind::Conflict { .. } => 409,
    ///     _ => 500,
    /// };
    /// assert_eq!(status, 404);
    /// # Ok(()) })
    /// ```
    pub fn kind(&self) -> &Kind {
        &self.0.kind
    }

    /// Returns the code of the error, such as `K0413`, or `None` if it has no code.
    /// `kontract explain K0413` explains it.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let error = Base::open("mysql://localhost").await.err().unwrap();
    /// assert_eq!(error.code(), Some("K0411"));
    /// # Ok(()) })
    /// ```
    pub fn code(&self) -> Option<&'static str> {
        self.0.code.map(Code::as_str)
    }

    /// Returns further facts, one line each, for instance the differences between tables.
    ///
    /// [`Display`](fmt::Display) prints neither the notes nor the help, so a program can show the
    /// error to its users in one line.
    ///
    /// ```
    /// # use kontract_runtime::Error;
    /// let error = Error::custom("the account is empty");
    /// error.notes().for_each(|note| eprintln!("note: {note}"));
    /// ```
    pub fn notes(&self) -> impl Iterator<Item = &str> {
        self.0.notes.iter().map(|note| &**note)
    }

    /// Returns what the user can do about the error, or `None`.
    ///
    /// ```
    /// # use kontract_runtime::{Base, Kind};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let error = Base::open("mysql://localhost/app").await.err().expect("not a database that is known");
    /// assert_eq!((error.kind(), error.code()), (&Kind::Url, Some("K0411")));
    /// assert_eq!(error.help(), Some("examples: `postgres://user@host/database`, `sqlite:app.db`"));
    /// assert_eq!(error.to_string().lines().count(), 1);
    /// # }
    /// ```
    pub fn help(&self) -> Option<&str> {
        self.0.help.as_deref()
    }

    /// Returns the error that the database reported, or `None` if it reported none.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let ann = users.get(1).await?.unwrap();
    /// let error = users.insert(User { id: 9, ..ann }).await.unwrap_err(); // her e-mail address
    /// assert_eq!(error.database().map(|database| database.code.as_str()), Some("2067"));
    /// # Ok(()) })
    /// ```
    pub fn database(&self) -> Option<&DatabaseError> {
        self.0.source.as_deref()?.downcast_ref()
    }

    /// Returns whether the operation may succeed if it runs again: `true` for [`Kind::Retry`] and
    /// [`Kind::Timeout`]. In a transaction the whole transaction has to run again.
    ///
    /// ```
    /// # use kontract_runtime::Error;
    /// assert!(!Error::custom("the account is empty").is_retryable());
    /// ```
    pub fn is_retryable(&self) -> bool {
        matches!(self.0.kind, Kind::Retry | Kind::Timeout)
    }
}

/// Replaces line breaks by spaces: a message of the server may have several lines.
fn in_one_line(text: Cow<'static, str>) -> Cow<'static, str> {
    if text.contains('\n') {
        text.split_whitespace().collect::<Vec<_>>().join(" ").into()
    } else {
        text
    }
}

/// The reason why a query or a patch cannot run. It is found when the query is built, and reported
/// when the query runs.
#[derive(Clone)]
pub(crate) struct Refusal {
    message: Cow<'static, str>,
    help: Option<Cow<'static, str>>,
}

impl<T: Into<Cow<'static, str>>> From<T> for Refusal {
    fn from(message: T) -> Refusal {
        Refusal { message: message.into(), help: None }
    }
}

impl Refusal {
    /// Keeps the message and the help of an error.
    pub(crate) fn from_error(error: &Error) -> Refusal {
        Refusal { message: error.summary().into(), help: error.0.help.clone() }
    }

    /// Makes an error of [`Kind::Value`].
    pub(crate) fn into_error(self) -> Error {
        let error = Error::value(self.message);
        match self.help {
            Some(help) => error.with_help(help),
            None => error,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(code) = self.0.code {
            write!(f, "kontract[{code}]: ")?;
        }
        f.write_str(&self.summary())
    }
}

/// Prints [`fmt::Display`], then the notes and the help, one line each. `main` prints this when it
/// returns an error.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)?;
        self.notes().try_for_each(|note| write!(f, "\nnote: {note}"))?;
        self.help().map_or(Ok(()), |help| write!(f, "\nhelp: {help}"))
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}
