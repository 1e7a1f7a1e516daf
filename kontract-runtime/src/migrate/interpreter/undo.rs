//! Undoes an interrupted migration.

use super::{Context, Interpreter};
use crate::error::{Error, Result};
use crate::migrate::failure::{Scope, statement_failed};
use crate::migrate::history::would_lose;
use crate::migrate::statements::{self, Inside};
use crate::migrate::tracking;
use crate::migrate::undo::{Undo, cannot_undo, with_lines};

/// Runs the statements that undo a migration, and compares the tables with those before it.
///
/// # Errors
/// K0444: data would be lost. K0465: something of the migration is left. The errors of the statements.
pub(super) async fn run<I: Interpreter>(
    interpreter: &mut I,
    undo: &Undo,
    context: Context<'_>,
) -> Result<()> {
    let Context { package, title } = context;
    for query in &undo.loses {
        let found = attempt(interpreter, undo.is_partial, async |it| it.exists(query).await);
        if found.await? == Some(true) {
            return Err(would_lose(title, query, None));
        }
    }
    let inside = statements::read_together(&undo.statements);
    for (statement, number) in inside.into_iter().zip(1..) {
        let Inside::Sql { statement, .. } = statement else { continue };
        let done = attempt(interpreter, undo.is_partial, async |it| {
            it.execute_statement(&statement).await
        });
        let scope = Scope::Migration;
        done.await.map_err(|error| statement_failed(title, scope, number, &statement, error))?;
    }
    let before = tracking::read_before(interpreter, package, undo.version).await?;
    let Some(before) = before else {
        let what = format!("{title} cannot be proven: the tables before it were not recorded");
        return if undo.needs_proof { Err(cannot_undo(what)) } else { Ok(()) };
    };
    let changes = before.compare(&interpreter.read_catalog(None).await?);
    if changes.is_empty() {
        return Ok(());
    }
    let (version, name) = (undo.version, &undo.name);
    let what = format!(
        "the tables are not as they were before migration {version} `{name}`; nothing was changed"
    );
    Err(with_lines(cannot_undo(what), changes))
}

/// Runs a part of the undoing. With `may_be_missing`, returns `None` where what it takes back does not
/// exist, or is there again.
async fn attempt<I: Interpreter, T>(
    interpreter: &mut I,
    may_be_missing: bool,
    run: impl AsyncFnOnce(&mut I) -> Result<T>,
) -> Result<Option<T>> {
    if !may_be_missing {
        return run(interpreter).await.map(Some);
    }
    interpreter.execute("SAVEPOINT kontract_undo").await?;
    let done = match run(interpreter).await {
        Ok(value) => Some(value),
        Err(error) if is_about_existence(&error) => {
            interpreter.execute("ROLLBACK TO SAVEPOINT kontract_undo").await?;
            None
        }
        Err(error) => return Err(error),
    };
    interpreter.execute("RELEASE SAVEPOINT kontract_undo").await?;
    Ok(done)
}

/// Whether a statement failed because something does not exist, or exists already.
fn is_about_existence(error: &Error) -> bool {
    // Undefined table, column, object; duplicate table, column, object, schema.
    const CODES: [&str; 7] = ["42P01", "42703", "42704", "42P07", "42701", "42710", "42P06"];
    // SQLite has one code for all mistakes in a statement.
    const MESSAGES: [&str; 3] = ["no such ", "already exists", "duplicate column name"];
    error.database().is_some_and(|source| {
        CODES.contains(&&*source.code)
            || (source.code == "1" && MESSAGES.iter().any(|text| source.message.contains(text)))
    })
}
