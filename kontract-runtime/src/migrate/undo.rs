//! Plans how an interrupted migration is undone. Pure.
//!
//! A migration of more than one transaction stores in its row what it runs, how it is taken back, and
//! what the tables were before it. So it can be undone although the program has another one by now,
//! and the comparison with the tables before proves that nothing of it is left.

use kontract_schema::code;
use kontract_schema::dialect::Dialect;
use kontract_schema::lock::Step as Statement;

use super::failure::{failure, shorten};
use super::history::{Applied, Begun, Reversal, State};
use super::statements::may_change_rows;
use crate::error::{Error, Result};

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
    pub(super) is_partial: bool,
    /// Whether only a comparison proves that nothing is left.
    pub(super) needs_proof: bool,
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
pub(super) fn cannot_undo(what: String) -> Error {
    failure(code::CANNOT_UNDO, what).with_help("undo by hand what is left, then `kontract migrate resolve --rolled-back --by-hand`; or let `kontract migrate up` finish it, or finish it by hand, then `kontract migrate resolve --applied`")
}

/// Adds the first lines to an error, a note each.
pub(super) fn with_lines(error: Error, lines: Vec<String>) -> Error {
    let more = lines.len().saturating_sub(SHOWN);
    let error = lines.into_iter().take(SHOWN).fold(error, Error::with_note);
    if more == 0 { error } else { error.with_note(format!("and {more} more")) }
}
