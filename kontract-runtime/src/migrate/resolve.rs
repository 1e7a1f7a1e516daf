//! Resolves an interrupted migration: what it did is undone, or it counts as applied.
//!
//! A migration of more than one transaction stores in its row what it runs, how it is taken back, and
//! what the tables were before it. So it can be undone although the program has another one by now,
//! and the comparison with the tables before proves that nothing of it is left.

use std::collections::BTreeSet;

use kontract_schema::catalog::{Catalog, describe};
use kontract_schema::code;
use kontract_schema::dialect::Dialect;
use kontract_schema::lock::Step as Statement;
use serde::{Deserialize, Serialize};

use super::failure::{Scope, failure, shorten, statement_failed};
use super::history::{Applied, Begun, Reversal, State, would_lose};
use super::interpreter::{Context, Interpreter};
use super::statements::{self, Inside, may_change_rows};
use super::tracking;
use crate::error::{Error, Result};

/// How to resolve an interrupted migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// The whole migration is done: the tables are compared with those after it, and it counts as
    /// applied.
    Applied,
    /// What is done is undone, and the migration counts as not run.
    RolledBack {
        /// What it did was undone by hand: no statement is run, and the tables are compared.
        by_hand: bool,
        /// Rows or values may be lost.
        lose: bool,
    },
    /// The interrupted statement took effect: the migration continues after it.
    StatementDone,
    /// The interrupted statement did not take effect, or may run twice: it runs again.
    StatementAgain,
}

/// The number of statements or differences in a message.
const SHOWN: usize = 6;

/// What undoes an interrupted migration.
#[derive(Debug, PartialEq)]
pub(super) struct Undo {
    pub(super) version: u32,
    pub(super) name: String,
    /// The statements that take it back.
    pub(super) statements: Vec<Statement>,
    /// Queries that return a row where data would be lost.
    pub(super) loses: Vec<String>,
    /// The statements that are undone.
    pub(super) taken: Vec<Statement>,
    /// Whether what a statement takes back may be missing, because only a part was done.
    is_partial: bool,
    /// Whether only a comparison proves that nothing is left.
    needs_proof: bool,
}

impl Undo {
    /// Plans how to undo the interrupted migration of a row.
    ///
    /// # Errors
    /// K0465: its statements cannot be undone one by one.
    pub(super) fn plan(dialect: Dialect, row: &Applied, by_hand: bool, lose: bool) -> Result<Undo> {
        let begun = row.begun(dialect);
        let is_untouched = row.step == 0 && row.state == State::Running;
        let mut undo = Undo {
            version: row.version,
            name: row.name.clone(),
            statements: Vec::new(),
            loses: Vec::new(),
            taken: Vec::new(),
            is_partial: false,
            needs_proof: !by_hand && !is_untouched,
        };
        if by_hand || is_untouched {
            return Ok(undo);
        }
        let Some(Begun { up, reversal }) = begun else {
            let what = format!(
                "it is not known what the interrupted migration {} `{}` did: an older version of Kontract began it",
                row.version, row.name
            );
            return Err(cannot_undo(what));
        };
        let begun = row.step + usize::from(row.state == State::Started);
        let is_partial = row.step < up.len();
        let mut done = up.iter().take(begun);
        let can_run =
            |one: &Statement| one.rust.is_none() && !(is_partial && may_change_rows(dialect, one));
        match reversal {
            Some(Reversal { statements, loses, .. }) if statements.iter().all(can_run) => {
                undo = Undo { statements, loses, taken: up, is_partial, ..undo };
                if lose {
                    undo.loses.clear();
                }
            }
            // The comparison shows whether the user has changed the tables back.
            None if !done.any(|one| may_change_rows(dialect, one)) => undo.taken = up,
            _ => return Err(list_by_hand(row, &up)),
        }
        Ok(undo)
    }
}

/// Returns the error for a migration whose statements the user has to undo.
fn list_by_hand(row: &Applied, up: &[Statement]) -> Error {
    let Applied { version, name, .. } = row;
    let what = format!(
        "migration {version} `{name}` cannot be undone by statements: it changed rows and was interrupted, or it has no way back; nothing was changed"
    );
    let line = |(statement, number): (&Statement, usize)| {
        let what = if number > row.step { "may have taken effect" } else { "is done" };
        format!("statement {number} {what}: `{}`", shorten(&statement.sql))
    };
    let begun = row.step + usize::from(row.state == State::Started);
    with_lines(cannot_undo(what), up.iter().take(begun).zip(1..).map(line).collect())
}

/// Creates the error for a migration that is not undone.
fn cannot_undo(what: String) -> Error {
    failure(code::CANNOT_UNDO, what).with_help("undo by hand what is left, then `kontract migrate resolve --rolled-back --by-hand`; or let `kontract migrate up` finish it, or finish it by hand, then `kontract migrate resolve --applied`")
}

/// Adds the first lines to an error, a note each.
fn with_lines(error: Error, lines: Vec<String>) -> Error {
    let more = lines.len().saturating_sub(SHOWN);
    let error = lines.into_iter().take(SHOWN).fold(error, Error::with_note);
    if more == 0 { error } else { error.with_note(format!("and {more} more")) }
}

/// Runs the statements that undo a migration, and compares the tables with those before it.
///
/// # Errors
/// K0444: data would be lost. K0465: something of the migration is left. The errors of the statements.
pub(super) async fn undo<I: Interpreter>(
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

/// Tables as they were before a migration, in lines of text.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct TablesBefore {
    /// The tables that are compared.
    tables: BTreeSet<String>,
    lines: BTreeSet<String>,
}

impl TablesBefore {
    /// Reads those tables as they are.
    pub(super) async fn read<I: Interpreter>(
        interpreter: &mut I,
        tables: BTreeSet<String>,
    ) -> Result<TablesBefore> {
        let lines = describe(&interpreter.read_catalog(None).await?, &tables);
        Ok(TablesBefore { tables, lines })
    }

    /// The text in the history.
    pub(super) fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads the text in the history.
    pub(super) fn parse(json: &str) -> Option<TablesBefore> {
        serde_json::from_str(json).ok()
    }

    /// Returns what is different in the live tables.
    pub(super) fn compare(&self, live: &Catalog) -> Vec<String> {
        let live = describe(live, &self.tables);
        let new = live.difference(&self.lines).map(|line| format!("new: {line}"));
        let gone = self.lines.difference(&live).map(|line| format!("gone: {line}"));
        new.chain(gone).collect()
    }
}
