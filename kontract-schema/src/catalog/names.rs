//! Renames constraints of a database that Kontract takes over to the names in the lock file, so that
//! a later migration can drop them by name. SQLite needs no renames: there a rebuild of the table
//! replaces the constraint.

use super::{Catalog, LiveCheck, LiveReference, LiveTable};
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
        let mut moves = pairs(&wanted.checks, &found.checks, |check| &check.name, same_check);
        let references =
            pairs(&wanted.references, &found.references, |key| &key.name, same_reference);
        moves.extend(references);
        statements.extend(order(moves, found).into_iter().map(|(from, to)| {
            let action = Alter::RenameConstraint { from, to };
            print_statement(expected.dialect, &Statement::Alter { table: ptr.clone(), action })
        }));
    }
    statements
}

/// Returns the old and the new name of each item that has another name.
fn pairs<T>(
    wanted: &[T],
    found: &[T],
    name: impl Fn(&T) -> &Option<String>,
    same: impl Fn(&T, &T) -> bool,
) -> Vec<(String, String)> {
    // An item that has its name already is not another one.
    let is_right = |one: &T, other: &T| name(one) == name(other) && same(one, other);
    let mut free: Vec<&T> =
        found.iter().filter(|other| !wanted.iter().any(|one| is_right(one, other))).collect();
    let missing = wanted.iter().filter(|one| !found.iter().any(|other| is_right(one, other)));
    let moves = missing.filter_map(|one| {
        let at = free.iter().position(|other| same(one, other))?;
        Some((name(free.remove(at)).clone()?, name(one).clone()?))
    });
    moves.collect()
}

/// Returns the renames in an order in which each new name is unused, in two steps where two constraints
/// exchange their names; without those to a name that stays in use.
fn order(mut moves: Vec<(String, String)>, table: &LiveTable) -> Vec<(String, String)> {
    let checks = table.checks.iter().filter_map(|check| check.name.as_deref());
    let references = table.references.iter().filter_map(|key| key.name.as_deref());
    let indexes = table.indexes.keys().map(String::as_str);
    let mut used: Vec<String> =
        checks.chain(references).chain(indexes).map(str::to_owned).collect();
    let mut ordered = Vec::new();
    while !moves.is_empty() {
        let at = moves.iter().position(|(_, to)| !used.contains(to));
        let (from, to) = match at {
            Some(at) => moves.remove(at),
            None => {
                let leaving: Vec<String> = moves.iter().map(|(from, _)| from.clone()).collect();
                moves.retain(|(_, to)| leaving.contains(to));
                let Some((first, _)) = moves.first_mut() else { break };
                let mut names = (1..).map(|number| format!("_kontract_{number}"));
                let Some(aside) = names.find(|name| !used.contains(name)) else { break };
                (std::mem::replace(first, aside.clone()), aside)
            }
        };
        used.retain(|name| *name != from);
        used.push(to.clone());
        ordered.push((from, to));
    }
    ordered
}
