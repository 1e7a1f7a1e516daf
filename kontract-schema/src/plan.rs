//! The planner: takes changes, returns statements for each database, forward and, if the changes can
//! be reversed, in reverse.
//!
//! It applies the changes one after the other to a copy of the schema, so that each statement is
//! planned for the state in which it runs. The reverse direction starts from the new schema and
//! applies the inverse of each change in the opposite order. Changes that SQLite's ALTER TABLE does
//! not support become one rebuild of the table.

mod documents;
mod fill;
mod implied;
mod obstacles;
mod placeholders;
mod postgres;
mod rebuild;
mod script;
mod sqlite;
mod step;
mod tables;

pub use self::obstacles::obstacles as find_violations;
pub use self::placeholders::needs_value;
pub use self::script::{Obstacle, Script, Scripts};
pub use self::step::{KnownTables, NewIndex, Rename, Step};

use crate::change::{Change, Fact, ItemChange};
use crate::dialect::{Dialect, query_deleted_rows, query_values};
use crate::model::Schema;
use crate::sql::ddl::{Statement, Tracked};
use crate::sql::run_mode::Mode;

/// Returns the statements for these changes of `old`, in the order of the changes.
pub fn plan(old: &Schema, changes: &[Change]) -> Scripts {
    Scripts::for_each(|dialect| script(dialect, old, changes, false))
}

/// The statements around a manual migration.
#[derive(Clone, Debug, PartialEq)]
pub struct Around {
    /// The statements that run before it, on the old schema.
    pub before: Scripts,
    /// The statements that need the fields and tables of the manual migration.
    pub after: Scripts,
    /// The generated plan of the covered changes, with placeholders for values that only the user
    /// knows.
    pub manual: Scripts,
}

/// Plans the changes that a manual migration does not cover, before and after it.
pub fn plan_around(old: &Schema, changes: &[Change], covered: impl Fn(&Change) -> bool) -> Around {
    let (manual, others): (Vec<Change>, Vec<Change>) = changes.iter().cloned().partition(covered);
    let (after, before): (Vec<Change>, Vec<Change>) =
        others.into_iter().partition(|change| manual.iter().any(|other| rests_on(change, other)));
    let mut schema = old.clone();
    let mut part = |changes: &[Change], force| {
        let scripts = Scripts::for_each(|dialect| script(dialect, &schema, changes, force));
        changes.iter().for_each(|change| change.apply(&mut schema));
        scripts
    };
    Around { before: part(&before, false), manual: part(&manual, true), after: part(&after, false) }
}

/// Whether a change can only be made after another change, which the manual migration makes.
fn rests_on(change: &Change, manual: &Change) -> bool {
    use crate::change::Fact::*;
    let same_table = change.table == manual.table;
    // Renames come before everything else.
    if is_rename(&change.fact) && !is_rename(&manual.fact) {
        return false;
    }
    match (&change.fact, &manual.fact) {
        (_, TableRenamed { .. } | PointerChanged { .. } | LayoutChanged { .. }) => same_table,
        (Check(ItemChange::Added(..) | ItemChange::Changed(..)), _) => same_table,
        // Its SQL can name what the other change adds.
        (Index(ItemChange::Added(_, index) | ItemChange::Changed(_, _, index)), _)
            if index.texts().next().is_some() =>
        {
            same_table
        }
        (Reference(ItemChange::Added(_, key) | ItemChange::Changed(_, _, key)), _)
            if key.table == manual.table =>
        {
            true
        }
        // References can depend on the index until the key replaces it.
        (Index(ItemChange::Removed(..)), KeyChanged { .. }) => same_table,
        (
            Index(ItemChange::Removed(..))
            | Reference(ItemChange::Removed(..))
            | Check(ItemChange::Removed(..)),
            _,
        ) => false,
        (_, fact) => {
            let touched = match fact {
                FieldAdded { field, .. } => Some(field.name.as_str()),
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

/// Plans the statements for one database. With `force` the reverse direction may lose values that the
/// forward direction converted.
fn script(dialect: Dialect, old: &Schema, changes: &[Change], force: bool) -> Script {
    if changes.is_empty() {
        return Script { down: Some(Vec::new()), ..Script::default() };
    }
    let mut schema = old.clone();
    let forward = statements(dialect, changes, &mut schema, force);
    let forms = postgres::TableForms::read(old, &schema, changes);
    let inverse: Option<Vec<Change>> =
        changes.iter().rev().map(|change| change.inverse(force)).collect();
    let loses = inverse.iter().flatten().filter_map(|change| loses(dialect, change, &schema));
    let loses = loses.collect();
    let back = inverse.map(|inverse| statements(dialect, &inverse, &mut schema, force));
    // Reverse statements with placeholders are not usable.
    let back = back.filter(|back| {
        !force || !back.statements.iter().any(|one| step::has_placeholder(dialect, one))
    });
    Script {
        rebuild: forward.rebuild || back.as_ref().is_some_and(|back| back.rebuild),
        up: forward.online(dialect, forms),
        down: back.map(|back| back.steps(dialect)),
        obstacles: obstacles::obstacles(dialect, old, changes),
        loses,
    }
}

/// Returns a query that returns a row if a change would lose data.
fn loses(dialect: Dialect, change: &Change, schema: &Schema) -> Option<String> {
    let table = schema.tables.get(&change.table)?;
    match &change.fact {
        Fact::TableRemoved(_) => Some(query_values(dialect, table, None)),
        Fact::FieldRemoved(field) if field.generated.is_some() => None,
        Fact::FieldRemoved(field) => Some(query_values(dialect, table, Some(field))),
        // Rows marked as deleted could still be restored.
        Fact::TrackRemoved(Tracked::DeletedTxid) => Some(query_deleted_rows(dialect, table)),
        _ => None,
    }
}

/// Statements, and whether SQLite's foreign keys must be off while they run.
#[derive(Default)]
struct Planned {
    statements: Vec<Statement>,
    rebuild: bool,
    /// Whether placeholders mark values that only the user knows.
    ask: bool,
}

impl Planned {
    /// Returns the steps that block other sessions as little as possible.
    fn online(self, dialect: Dialect, forms: postgres::TableForms) -> Vec<Step> {
        match dialect {
            Dialect::Postgres => postgres::online(self.statements, forms)
                .iter()
                .map(|(mode, statement)| step::of_statement(dialect, *mode, statement))
                .collect(),
            Dialect::Sqlite => self.steps(dialect),
        }
    }

    /// Returns the steps for one transaction.
    fn steps(&self, dialect: Dialect) -> Vec<Step> {
        let step = |statement| step::of_statement(dialect, Mode::Together, statement);
        self.statements.iter().map(step).collect()
    }
}

/// Applies the changes to `schema` and returns the statements that make them in the database.
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
        steps.statements = placeholders::without_placeholders(dialect, steps.statements);
    }
    if dialect == Dialect::Postgres {
        steps.statements = postgres::rewritten_once(steps.statements);
    }
    steps
}
