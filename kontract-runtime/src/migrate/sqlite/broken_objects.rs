//! Triggers and views that worked before a migration and do not work after it.

use kontract_schema::code;
use kontract_schema::dialect::{print_drop_column, print_drop_object};
use kontract_schema::lock::Step as Statement;

use super::inventory::{Inventory, Object, Probed, read_objects};
use crate::driver::sqlite::Connection;
use crate::error::{DatabaseError, Error, Result};
use crate::migrate::failure::failure;
use crate::migrate::known_objects::KnownObjects;

/// Compares the probes of both inventories. `present` returns the name that a table has now.
///
/// # Errors
/// K0464: what worked before does not work now, with SQLite's reason.
pub(super) fn compare<'a>(
    connection: &Connection<'_>,
    before: &Inventory,
    now: &Inventory,
    present: impl Fn(&str) -> Option<&'a str>,
) -> Result<()> {
    for Probed { name, is_view, probe } in before.working() {
        let name = if *is_view { Some(name.as_str()) } else { present(name) };
        let Some(name) = name else { continue };
        let is_it = |other: &&(Probed, Option<String>)| {
            other.0.name.eq_ignore_ascii_case(name) && other.0.probe.verb == probe.verb
        };
        let Some((probed, Some(reason))) = now.probes.iter().find(is_it) else { continue };
        let what = match find_trigger(connection, probed)? {
            Some(trigger) => format!("trigger `{trigger}` on `{name}`"),
            None if *is_view && probe.verb == "SELECT" => format!("view `{name}`"),
            None if probe.verb == "SELECT" => format!("full-text table `{name}`"),
            None => format!("{} on `{name}`", probe.verb),
        };
        return Err(is_broken(&what, reason));
    }
    Ok(())
}

fn is_broken(what: &str, reason: &str) -> Error {
    failure(code::OBJECT_BROKEN, format!("{what} would no longer work: {reason}"))
        .with_help("drop it, run the migration, and create it again in a form that fits the new tables; nothing was changed")
}

/// Returns the error for a column that cannot be dropped: that of SQLite, or one that names the
/// generated column of others that uses it.
pub(super) fn explain_dropped_column(
    connection: &Connection<'_>,
    statement: &Statement,
    known: &KnownObjects,
    error: Error,
) -> Result<Error> {
    let query = "SELECT t.name, c.name FROM pragma_table_list t \
                 JOIN pragma_table_xinfo(t.name) c \
                 WHERE t.schema = 'main' AND t.type = 'table' AND c.hidden IN (2, 3)";
    let generated: Vec<(String, String)> = connection.fetch(query, ())?;
    let reason = DatabaseError::from_error(&error).message;
    connection.execute("SAVEPOINT _kontract_probe")?;
    let mut culprit = None;
    let is_theirs = |column: &str| !known.columns.contains(&column.to_lowercase());
    for (table, column) in generated.iter().filter(|(_, column)| is_theirs(column)) {
        if connection.execute(&print_drop_column(table, column)).is_err() {
            continue;
        }
        // Without the one that SQLite complained of, something else may still use the column.
        let next = connection.execute(&statement.sql).err();
        if next.is_none_or(|next| DatabaseError::from_error(&next).message != reason) {
            culprit = Some((table, column));
            break;
        }
    }
    connection.execute("ROLLBACK TO _kontract_probe; RELEASE _kontract_probe")?;
    Ok(match culprit {
        Some((table, column)) => {
            is_broken(&format!("generated column `{column}` of `{table}`"), &reason)
        }
        None => error,
    })
}

/// Finds the trigger that does not work: the one with which alone a statement fails.
fn find_trigger(connection: &Connection<'_>, probed: &Probed) -> Result<Option<String>> {
    if probed.probe.verb == "SELECT" {
        return Ok(None);
    }
    let triggers = read_objects(connection, Some(&probed.name))?;
    let triggers: Vec<Object> =
        triggers.into_iter().filter(|object| object.kind == "trigger").collect();
    for one in &triggers {
        connection.execute("SAVEPOINT _kontract_probe")?;
        for other in triggers.iter().filter(|other| other.name != one.name) {
            connection.execute(&print_drop_object(&other.kind, &other.name))?;
        }
        let reason = connection.find_compile_error(&probed.probe.sql);
        connection.execute("ROLLBACK TO _kontract_probe; RELEASE _kontract_probe")?;
        if reason.is_some() {
            return Ok(Some(one.name.clone()));
        }
    }
    Ok(None)
}
