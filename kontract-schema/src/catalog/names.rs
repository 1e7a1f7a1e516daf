//! Renames constraints of a database that Kontract takes over to the names in the lock file, so that
//! a later migration can drop them by name. SQLite needs no renames: there a rebuild of the table
//! replaces the constraint.

use super::{Catalog, LiveCheck, LiveReference};
use crate::dialect::print_statement;
use crate::sql::ddl::{Alter, Statement};
use crate::sqltext::expression;

/// Returns the statements that rename checks and references of a live database that equals `expected`
/// apart from these names.
pub fn renames(expected: &Catalog, live: &Catalog) -> Vec<String> {
    if !expected.dialect.capabilities().alter_constraints {
        return Vec::new();
    }
    let mut statements = Vec::new();
    for (ptr, wanted) in &expected.tables {
        let Some(found) = live.tables.get(ptr) else { continue };
        let same_check = |a: &LiveCheck, b: &LiveCheck| {
            expression::have_same_meaning(live.dialect, &a.text, &b.text)
        };
        let same_reference = |a: &LiveReference, b: &LiveReference| {
            let name = None;
            LiveReference { name: name.clone(), valid: true, ..a.clone() }
                == LiveReference { name, valid: true, ..b.clone() }
        };
        let checks = pairs(&wanted.checks, &found.checks, |check| &check.name, same_check);
        let references =
            pairs(&wanted.references, &found.references, |key| &key.name, same_reference);
        statements.extend(checks.chain(references).map(|(from, to)| {
            let action = Alter::RenameConstraint { from, to };
            print_statement(expected.dialect, &Statement::Alter { table: ptr.clone(), action })
        }));
    }
    statements
}

/// Returns the old and the new name of each item whose expected name is unused.
fn pairs<'a, T>(
    wanted: &'a [T],
    found: &'a [T],
    name: impl Fn(&T) -> &Option<String> + Copy + 'a,
    same: impl Fn(&T, &T) -> bool + Copy + 'a,
) -> impl Iterator<Item = (String, String)> + 'a {
    wanted.iter().filter_map(move |one| {
        let is_taken = |of: &[T], like: &T| of.iter().any(|other| name(other) == name(like));
        let to = name(one).clone().filter(|_| !is_taken(found, one))?;
        let other = found.iter().find(|other| same(one, other) && !is_taken(wanted, other))?;
        Some((name(other).clone()?, to))
    })
}
