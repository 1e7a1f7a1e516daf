//! What can be known of the whole way back before its first step: whether the code of each migration in
//! Rust is there, and which data later steps would lose. Pure.

use std::collections::BTreeSet;

use kontract_schema::dialect::{Dialect, name_in_path};
use kontract_schema::lock::Step as Statement;

use super::decide::decide;
use super::history::Applied;
use super::rust_call::find_call;
use super::statements;
use super::step::Step;
use super::target::Target;
use crate::error::Result;

/// A query for data that a later step would lose.
#[derive(Debug, PartialEq)]
pub(super) struct LaterLoss<'a> {
    /// The step in messages.
    pub(super) title: String,
    pub(super) query: &'a str,
}

/// Returns the queries for data that steps back would lose after the first one. A query is left out if
/// a step before it may change a table that it reads; that step is followed by the check of its own.
///
/// # Errors
/// K0460: this program has not the code of a step in Rust.
pub(super) fn list_later_losses<'a>(
    target: &'a Target,
    dialect: Dialect,
    history: &[Applied],
) -> Result<Vec<LaterLoss<'a>>> {
    let mut names = target.own_tables(dialect);
    names.extend(statements::created_tables(dialect, &target.lock.migrations));
    let (mut history, mut before) = (history.to_vec(), Vec::<Statement>::new());
    let mut losses = Vec::new();
    while let Some(step) = decide(target, dialect, &history)? {
        find_call(target, &step)?;
        let Step::Reverse { reversal, .. } = &step else { break };
        let is_first = before.is_empty();
        let migration = step.index().flatten().and_then(|index| target.migration(Some(index)));
        let loses = match migration {
            // A user may have accepted the loss, and then the reversal has no queries.
            Some(migration) if !reversal.loses.is_empty() && !is_first => {
                &migration.sql.for_dialect(dialect).loses[..]
            }
            _ => &[],
        };
        for query in loses {
            if !may_change(&before, &names, query) {
                losses.push(LaterLoss { title: step.title(target), query });
            }
        }
        before.extend(reversal.statements.iter().cloned());
        step.history_after(target, &mut history);
    }
    Ok(losses)
}

/// Whether statements may change a table that a query reads.
fn may_change(statements: &[Statement], names: &BTreeSet<String>, query: &str) -> bool {
    let reads = |name: &&String| statements::has_name(query, name_in_path(name));
    let read: Vec<&String> = names.iter().filter(reads).collect();
    let names_one = |statement: &Statement| {
        read.iter().any(|name| statements::may_name(statement, name_in_path(name)))
    };
    read.is_empty()
        || statements.iter().any(|statement| statement.rust.is_some() || names_one(statement))
}
