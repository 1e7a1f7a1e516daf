//! What a package's statements name: where nothing else shows what belongs to others, the names do.

use std::collections::BTreeSet;

use kontract_schema::dialect::Dialect;
use kontract_schema::lock::Step as Statement;
use kontract_schema::sql::table;

use super::step::Step;
use super::target::Target;

/// The names that a package's schema and statements have, in lower case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct KnownObjects {
    /// Its tables, also former ones.
    pub(crate) tables: BTreeSet<String>,
    /// The columns of its tables, also those that statements drop.
    pub(crate) columns: BTreeSet<String>,
    /// Indexes, triggers and views of its statements.
    pub(crate) objects: BTreeSet<String>,
    /// The tables that generated statements of this step rebuild.
    pub(crate) rebuilt: BTreeSet<String>,
    /// Whether a user wrote the statements that run, and decides what goes with a rebuild.
    pub(crate) is_manual: bool,
    /// Whether all statements that run are generated: they change no row of others.
    pub(crate) keeps_rows: bool,
}

impl KnownObjects {
    /// Returns the names that the lock file and a draft that is taken back have.
    pub(super) fn read(target: &Target, dialect: Dialect, step: &Step) -> KnownObjects {
        let mut known = KnownObjects::default();
        for table in target.lock.tables.values().filter(|table| !table.external) {
            known.tables.insert(dialect.table_name(&table.path()).to_lowercase());
            let columns = table::columns(table).into_iter();
            known.columns.extend(columns.map(|column| column.name.to_lowercase()));
        }
        let scripts = target.lock.migrations.iter().chain(&target.lock.draft);
        for script in scripts.map(|migration| migration.sql.for_dialect(dialect)) {
            known.add(&script.up);
            known.add(script.down.as_deref().unwrap_or_default());
        }
        let (taken, statements) = match step {
            Step::Reverse { reversal, .. } => (&*reversal.taken, &*reversal.statements),
            Step::Undo(undo) => (&*undo.taken, &*undo.statements),
            _ => (&[][..], &[][..]),
        };
        known.add(taken);
        known.add(statements);
        known
    }

    /// Adds the tables that these statements, which run now, rebuild.
    pub(super) fn add_rebuilt(&mut self, statements: &[Statement]) {
        for step in statements {
            let is_generated = step.own_indexes.is_some();
            self.rebuilt.extend(step.rebuilds.clone().filter(|_| is_generated));
            self.add_rebuilt(step.rust.as_deref().unwrap_or_default());
        }
    }

    fn add(&mut self, statements: &[Statement]) {
        let lower = |names: &mut BTreeSet<String>, name: &String| {
            names.insert(name.to_lowercase());
        };
        for step in statements {
            let renamed = step.renames.iter().flat_map(|rename| [&rename.from, &rename.to]);
            let tables = step.creates.iter().chain(&step.drops).chain(renamed);
            tables.for_each(|name| lower(&mut self.tables, name));
            step.drops_columns.iter().for_each(|name| lower(&mut self.columns, name));
            step.named_objects().for_each(|name| lower(&mut self.objects, name));
            self.add(step.rust.as_deref().unwrap_or_default());
        }
    }
}
