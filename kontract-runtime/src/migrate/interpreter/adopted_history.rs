//! Moves a history, or the ownership of tables, from the key of one package to another.

use std::collections::BTreeSet;

use super::{Context, Interpreter};
use crate::error::Result;
use crate::migrate::tracking;

/// Moves the rows of a history to the package.
///
/// # Errors
/// K0448: the runner lost its lock.
pub(super) async fn move_history<I: Interpreter>(
    interpreter: &mut I,
    from: &str,
    context: Context<'_>,
) -> Result<()> {
    let condition = interpreter.lock_condition().to_owned();
    match tracking::move_rows(interpreter, from, context.package, &condition).await? {
        0 => Err(interpreter.lost_lock(context.title)),
        _ => Ok(()),
    }
}

/// Removes tables from those that the rows of a history list.
///
/// # Errors
/// K0448: the runner lost its lock.
pub(super) async fn move_tables<I: Interpreter>(
    interpreter: &mut I,
    from: &str,
    tables: &BTreeSet<String>,
    context: Context<'_>,
) -> Result<()> {
    let condition = interpreter.lock_condition().to_owned();
    for (version, mut listed) in tracking::read_tables(interpreter, from).await? {
        listed.retain(|table| !tables.contains(table));
        let listed = serde_json::Value::from_iter(listed).to_string();
        let written = tracking::write_tables(interpreter, from, version, &listed, &condition);
        if written.await? == 0 {
            return Err(interpreter.lost_lock(context.title));
        }
    }
    Ok(())
}
