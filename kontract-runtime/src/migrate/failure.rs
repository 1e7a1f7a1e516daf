//! The errors of the runner: which statement failed, what was done, and what to do next.

use std::borrow::Cow;

use kontract_schema::code::{self, Code};
use kontract_schema::lock::Step as Statement;

use crate::error::{DatabaseError, Error, Kind};

/// Creates an error about the schema of a program and a database.
pub(super) fn failure(code: Code, message: impl Into<Cow<'static, str>>) -> Error {
    Error::new(Kind::Migration, message).with_code(code)
}

/// What a failed statement leaves in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// Nothing: the whole migration is one transaction.
    Migration,
    /// The groups of statements before the group of the failed one: this many statements.
    Group { done: usize },
}

impl Scope {
    /// The scope of a statement that is a group of its own.
    pub(super) fn alone(number: usize) -> Scope {
        Scope::Group { done: number - 1 }
    }
}

/// Returns the error for a failed statement of a migration.
pub(super) fn statement_failed(
    title: &str,
    scope: Scope,
    number: usize,
    statement: &Statement,
    error: Error,
) -> Error {
    if is_passed_on(&error) {
        return error.doing(title.to_owned());
    }
    let what = match (scope, number) {
        (Scope::Migration, _) => {
            format!("{title} failed at statement {number} and was rolled back")
        }
        (Scope::Group { .. }, 1) => format!("{title} failed at its first statement"),
        (Scope::Group { done: 0 }, _) => format!(
            "{title} failed at statement {number}, and the statements before it were rolled back"
        ),
        (Scope::Group { done: 1 }, _) => format!(
            "{title} failed at statement {number}; statement 1 is done, and the next start goes on after it"
        ),
        (Scope::Group { done }, _) => format!(
            "{title} failed at statement {number}; statements 1 to {done} are done, and the next start goes on after them"
        ),
    };
    failed_with(what, statement, error)
}

/// Returns the error for a failed commit after all statements succeeded: a deferred constraint.
pub(super) fn commit_failed(title: &str, error: Error) -> Error {
    if is_passed_on(&error) || error.code().is_some() {
        return error.doing(title.to_owned());
    }
    failed_with(
        format!("{title} failed at its commit and was rolled back"),
        &Statement::new("COMMIT"),
        error,
    )
}

/// Returns whether an error is not about the statement, or explains itself.
fn is_passed_on(error: &Error) -> bool {
    matches!(error.kind(), Kind::Timeout | Kind::Retry | Kind::Connection | Kind::Migration)
}

fn failed_with(what: String, statement: &Statement, error: Error) -> Error {
    let source = DatabaseError::from_error(&error);
    let why = error.message();
    // SQLite's CAST accepts everything, so the planned conversions turn a value that does not fit
    // into a text with that message.
    let is_about_a_value = source.code.starts_with("22") || statement.converts;
    let fix = match &*source.code {
        "53200" => {
            "; set a higher `max_locks_per_transaction` in `postgresql.conf` and restart the server, or seal the changes as several migrations"
        }
        "53100" | "13" => "; free some disk space, and start again",
        _ if is_about_a_value => {
            "; a row may hold a value that does not fit: fix such rows, or convert them in the migration"
        }
        _ => "",
    };
    failure(code::MIGRATION_FAILED, format!("{what}: {why}"))
        .with_source(source)
        .with_help(format!("the statement is `{}`{fix}", shorten(&statement.sql)))
}

/// Shortens a statement for a message.
pub(super) fn shorten(statement: &str) -> String {
    statement.chars().take(300).collect()
}

/// Returns the error for an interrupted statement of which it is unknown whether it took effect.
pub(super) fn is_unclear(title: &str, number: usize, statement: &str) -> Error {
    let shown = shorten(statement);
    failure(code::STATEMENT_UNCLEAR, format!("{title} was interrupted in statement {number}, which runs outside a transaction, and it is unknown whether it took effect: `{shown}`"))
        .with_help("check whether it did; then `kontract migrate resolve --done` goes on after it, or `kontract migrate resolve --again` runs it again; `kontract migrate resolve` shows what else was done")
}

/// Returns the error for a repeated statement that does not report the number of changed rows.
pub(super) fn never_ends(title: &str, number: usize, statement: &str) -> Error {
    let shown = shorten(statement);
    failure(code::MIGRATION_FAILED, format!("statement {number} of {title} is repeated until it changes no row, but it does not change rows: `{shown}`"))
        .with_help("repeat an INSERT, UPDATE or DELETE of the next rows: `… WHERE id IN (SELECT id FROM … LIMIT 1000)`")
}

/// Returns the error for a statement outside a transaction on a transaction pooler, where the
/// runner holds no lock meanwhile.
pub(super) fn needs_direct(title: &str, number: usize, statement: &str) -> Error {
    let shown = shorten(statement);
    failure(code::NEEDS_DIRECT, format!("statement {number} of {title} cannot run in a transaction, and this connection keeps the runner's lock only within transactions: `{shown}`"))
        .with_help("run the migrations on a direct connection to the server, or one in session mode: `kontract migrate up --database-url …`")
}

/// Returns the error for a statement that ended the transaction of the migration.
pub(super) fn ended_transaction(title: &str, number: Option<usize>) -> Error {
    let at = number.map(|number| format!(" at statement {number}")).unwrap_or_default();
    failure(code::MIGRATION_FAILED, format!("{title} ended its transaction{at}"))
        .with_help("remove COMMIT, ROLLBACK and BEGIN from the migration")
}

/// Returns the error for a runner that no longer holds its lock.
pub(super) fn lost_lock(title: &str, is_rolled_back: bool) -> Error {
    let left = if is_rolled_back {
        "it was rolled back"
    } else {
        "the runner stopped, and did not record the statement as done"
    };
    failure(code::LOCK_LOST, format!("{title} released the runner's lock; {left}"))
        .with_help("remove `pg_advisory_unlock_all()`, `DISCARD ALL` and the like from the migration; `kontract migrate status` shows how far it is")
}
