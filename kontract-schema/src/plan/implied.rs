//! Constraints and indexes that follow from fields without being changes of their own.

use crate::change::{Change, Fact, ItemChange};
use crate::dialect::Dialect;
use crate::model::{Layout, Table};
use crate::sql::ddl::{Alter, Constraint, ConstraintRule, CreateIndex, Place};
use crate::sql::table;

/// How the implied constraints change: first drops and renames, at the end additions.
#[derive(Default)]
pub struct Implied {
    pub first: Vec<Alter>,
    pub last: Vec<Alter>,
}

impl Implied {
    /// Returns the difference between two states of a table.
    pub fn between(dialect: Dialect, old: &Table, new: &Table) -> Implied {
        let (mut before, after) = (implied(dialect, old), implied(dialect, new));
        let mut found = Implied::default();
        let mut fresh = Vec::new();
        for constraint in after {
            let same = |other: &Constraint| {
                other.name == constraint.name && same_rule(&other.rule, &constraint.rule)
            };
            if let Some(same) = before.iter().position(same) {
                before.remove(same);
            } else if let Some(same) =
                before.iter().position(|other| same_rule(&other.rule, &constraint.rule))
            {
                let from = before.remove(same).name;
                found.first.push(Alter::RenameConstraint { from, to: constraint.name });
            } else {
                fresh.push(Alter::AddConstraint(constraint));
            }
        }
        let drops = before.into_iter().map(|constraint| Alter::DropConstraint(constraint.name));
        found.first.splice(0..0, drops);
        found.last = fresh;
        found
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.first.is_empty() && self.last.is_empty()
    }
}

/// Returns the constraints that follow from fields: required keys and enums.
fn implied(dialect: Dialect, table: &Table) -> Vec<Constraint> {
    let required = table.schema.iter().filter_map(|field| table::required(table, field));
    let one_of = table.schema.iter().filter_map(|field| table::one_of(table, field, dialect));
    required.chain(one_of).collect()
}

/// Whether two rules have the same condition: the order of enum names has no meaning.
fn same_rule(one: &ConstraintRule, other: &ConstraintRule) -> bool {
    match (one, other) {
        (ConstraintRule::OneOf(place, names), ConstraintRule::OneOf(other, others)) => {
            let all = |a: &[String], b: &[String]| a.iter().all(|name| b.contains(name));
            same_place(place, other) && all(names, others) && all(others, names)
        }
        _ => one == other,
    }
}

/// Whether two places are the same, apart from the variants of their types.
pub fn same_place(one: &Place, other: &Place) -> bool {
    match (one, other) {
        (Place::Key(key, _), Place::Key(other, _)) => key == other,
        _ => one == other,
    }
}

/// Returns indexes whose name stays and whose definition follows a change of a field or a bookkeeping
/// column. The database itself adapts indexes on columns to renames, but not those on document keys.
pub fn changed_indexes(
    dialect: Dialect,
    change: &Change,
    old: &Table,
    new: &Table,
) -> Vec<CreateIndex> {
    if matches!(change.fact, Fact::Index(ItemChange::Changed(..)) | Fact::PointerChanged { .. }) {
        return Vec::new(); // the change itself sees to them
    }
    let in_document = new.layout == Layout::Document;
    let before = table::indexes(old, dialect);
    let differs = |now: &CreateIndex, then: &CreateIndex| {
        let parts = |index: &CreateIndex| (index.on.clone(), index.condition.clone());
        now.live_only != then.live_only || (in_document && parts(now) != parts(then))
    };
    table::indexes(new, dialect)
        .into_iter()
        .filter(|now| before.iter().any(|then| then.name == now.name && differs(now, then)))
        .collect()
}

/// Returns the indexes which are named after the table, whose names a new pointer changes: their old
/// names, and the new indexes.
pub fn renamed_indexes(dialect: Dialect, old: &Table, new: &Table) -> Vec<(String, CreateIndex)> {
    // A pointer changes nothing else, so that both have the same ones.
    let before = table::own_indexes(old, dialect).map(|index| index.name);
    let pairs = before.zip(table::own_indexes(new, dialect));
    pairs.filter(|(from, to)| *from != to.name).collect()
}
