//! Changes in, statements out: for each database, forward and, where there is one, back.
//!
//! The changes are made one after the other on a copy of the schema, so that each statement knows
//! what is there at its turn. The way back is the same, from the new schema, with the inverse of
//! each change in the opposite order. What SQLite's ALTER TABLE cannot do becomes one rebuild of
//! the table for all of its changes.

mod obstacles;
mod parts;
mod postgres;
mod script;
mod sqlite;
mod step;

pub use self::script::{Obstacle, Script, Scripts};
pub use self::step::{Columns, NewIndex, Rename, Step};

use crate::change::{Change, Fact};
use crate::dialect::{Dialect, PLACEHOLDER, holds, holds_deleted};
use crate::model::Schema;
use crate::sql::ddl::{Statement, Tracked};
use crate::sql::run_mode::Mode;

/// The statements for all of these changes of `old`, in the order of the changes.
pub fn plan(old: &Schema, changes: &[Change]) -> Scripts {
    let script = |dialect| script(dialect, old, changes, false);
    Scripts { postgres: script(Dialect::Postgres), sqlite: script(Dialect::Sqlite) }
}

/// The statements around a manual migration: `before` its own statements and `after` them.
#[derive(Clone, Debug, PartialEq)]
pub struct Around {
    /// What can be done on the schema as it is.
    pub before: Scripts,
    /// What needs the fields and tables that the manual migration brings.
    pub after: Scripts,
    /// What the manual migration itself might be: the plan of the changes it covers, with
    /// placeholders where only the user knows a value.
    pub manual: Scripts,
}

/// Plans the changes that a manual migration does not cover, around those that it covers.
pub fn plan_around(old: &Schema, changes: &[Change], covered: impl Fn(&Change) -> bool) -> Around {
    let (manual, others): (Vec<Change>, Vec<Change>) = changes.iter().cloned().partition(covered);
    let (after, before): (Vec<Change>, Vec<Change>) =
        others.into_iter().partition(|change| manual.iter().any(|other| rests_on(change, other)));
    let mut schema = old.clone();
    let mut part = |changes: &[Change], force| {
        let script = |dialect| script(dialect, &schema, changes, force);
        let scripts =
            Scripts { postgres: script(Dialect::Postgres), sqlite: script(Dialect::Sqlite) };
        changes.iter().for_each(|change| change.apply(&mut schema));
        scripts
    };
    Around { before: part(&before, false), manual: part(&manual, true), after: part(&after, false) }
}

/// Whether a change can only be made once another, made by hand, is done.
fn rests_on(change: &Change, manual: &Change) -> bool {
    use crate::change::Fact::*;
    let same_table = change.table == manual.table;
    // What is renamed has its new name before anything else is done.
    if is_rename(&change.fact) && !is_rename(&manual.fact) {
        return false;
    }
    match (&change.fact, &manual.fact) {
        (_, TableRenamed { .. } | PointerChanged { .. } | LayoutChanged { .. }) => same_table,
        (CheckAdded { .. } | CheckChanged { .. }, _) => same_table,
        // Its texts may name what the other brings.
        (IndexAdded { index, .. } | IndexChanged { to: index, .. }, _)
            if index.texts().next().is_some() =>
        {
            same_table
        }
        (ReferenceAdded { key, .. } | ReferenceChanged { to: key, .. }, _)
            if key.table == manual.table =>
        {
            true
        }
        // References may rest on the index until the key takes its place.
        (IndexRemoved { .. }, KeyChanged { .. }) => same_table,
        (IndexRemoved { .. } | ReferenceRemoved { .. } | CheckRemoved { .. }, _) => false,
        (_, fact) => {
            let touched = match fact {
                FieldAdded(field) => Some(field.name.as_str()),
                _ => manual.field(),
            };
            same_table && touched.is_some_and(|field| change.needs().contains(&field))
        }
    }
}

fn is_rename(fact: &Fact) -> bool {
    use Fact::*;
    matches!(
        fact,
        TableRenamed { .. } | FieldRenamed { .. } | PointerChanged { .. } | ColumnChanged { .. }
    )
}

/// One dialect's statements. With `force` the way back may lose what the way forward converted.
fn script(dialect: Dialect, old: &Schema, changes: &[Change], force: bool) -> Script {
    if changes.is_empty() {
        return Script { down: Some(Vec::new()), ..Script::default() };
    }
    let mut schema = old.clone();
    let forward = statements(dialect, changes, &mut schema, force);
    let inverse: Option<Vec<Change>> =
        changes.iter().rev().map(|change| change.inverse(force)).collect();
    let loses = inverse.iter().flatten().filter_map(|change| loses(dialect, change, &schema));
    let loses = loses.collect();
    let back = inverse.map(|inverse| statements(dialect, &inverse, &mut schema, force));
    // A way back that only the user knows is none.
    let back = back.filter(|back| {
        !force || back.steps(dialect).iter().all(|step| !step.sql.contains(PLACEHOLDER))
    });
    Script {
        rebuild: forward.rebuild || back.as_ref().is_some_and(|back| back.rebuild),
        up: forward.online(dialect),
        down: back.map(|back| back.steps(dialect)),
        obstacles: obstacles::obstacles(dialect, old, changes),
        loses,
    }
}

/// A query that gives a row where a change would lose data.
fn loses(dialect: Dialect, change: &Change, schema: &Schema) -> Option<String> {
    let table = schema.tables.get(&change.table)?;
    match &change.fact {
        Fact::TableRemoved(_) => Some(holds(dialect, table, None)),
        Fact::FieldRemoved(field) => Some(holds(dialect, table, Some(field))),
        // Rows that are marked as deleted could still be restored.
        Fact::TrackRemoved(Tracked::DeletedTxid) => Some(holds_deleted(dialect, table)),
        _ => None,
    }
}

/// Statements, and whether SQLite's foreign keys have to be off while they run.
#[derive(Default)]
struct Planned {
    statements: Vec<Statement>,
    rebuild: bool,
    /// Whether placeholders stand for what only the user knows.
    ask: bool,
}

impl Planned {
    /// The statements so that others are held up as little as can be.
    fn online(self, dialect: Dialect) -> Vec<Step> {
        match dialect {
            Dialect::Postgres => postgres::online(self.statements)
                .iter()
                .map(|(mode, statement)| step::of_statement(dialect, *mode, statement))
                .collect(),
            Dialect::Sqlite => self.steps(dialect),
        }
    }

    /// The statements one after the other in one transaction.
    fn steps(&self, dialect: Dialect) -> Vec<Step> {
        let step = |statement| step::of_statement(dialect, Mode::Together, statement);
        self.statements.iter().map(step).collect()
    }
}

/// Makes the changes in `schema` and lists the statements that make them in the database.
fn statements(
    dialect: Dialect,
    changes: &[Change],
    schema: &mut Schema,
    placeholders: bool,
) -> Planned {
    let mut steps = match dialect {
        Dialect::Postgres => {
            let statements = postgres::steps(changes, schema, placeholders);
            Planned { statements, ..Planned::default() }
        }
        Dialect::Sqlite => sqlite::steps(changes, schema, placeholders),
    };
    if !placeholders {
        steps.statements = parts::without_placeholders(dialect, steps.statements);
    }
    if dialect == Dialect::Postgres {
        steps.statements = postgres::rewritten_once(steps.statements);
    }
    steps
}
