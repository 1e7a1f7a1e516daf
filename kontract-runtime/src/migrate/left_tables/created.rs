//! What pending migrations create, and what has its name already.

use std::collections::BTreeSet;

use kontract_schema::catalog::{Catalog, Difference, LiveTable, compare, find_in_the_way};
use kontract_schema::change::{ChangeId, ChangeKind};
use kontract_schema::dialect::{Dialect, name_in_path};
use kontract_schema::lock::{Migration, Step as Statement};
use kontract_schema::model::Layout;

use crate::migrate::statements;
use crate::migrate::tables_at::TablesAt;
use crate::migrate::target::Target;

/// An object that a pending migration creates, and that the version before does not have.
pub(super) struct Created {
    /// The version of the migration.
    version: u32,
    /// The path of its table.
    table: String,
    what: What,
}

/// What is created.
enum What {
    /// A table, whose statement fails if it exists.
    NewTable,
    /// A table. If it exists, it has to be like this one.
    Table(Box<LiveTable>),
    /// A column with this name.
    Column(String),
    /// An index or constraint of this table. One with its name has to be like it.
    Item(String, Box<LiveTable>),
}

/// Returns what pending migrations and a draft create after these tables.
pub(super) fn list_created(
    target: &Target,
    dialect: Dialect,
    left: &TablesAt,
    pending: &[Migration],
    draft: Option<&Migration>,
) -> Vec<Created> {
    let mut after = TablesAt::after(target, dialect, target.end());
    let mut objects = Vec::new();
    for migration in pending.iter().rev() {
        objects.push(list_objects(migration, &after, dialect));
        after.undo(dialect, migration);
    }
    let objects = objects.into_iter().rev().chain(draft.map(|_| Vec::new()));
    let changes = pending.iter().flat_map(|one| &one.changes).map(|one| &one.change).collect();
    let expected = left.catalog(dialect);
    let mut names = Names { expected, changes, used: BTreeSet::new(), written: Vec::new() };
    let mut created = Vec::new();
    for (migration, objects) in pending.iter().chain(draft).zip(objects) {
        let is_manual = migration.manual.is_some();
        let up = &migration.sql.for_dialect(dialect).up;
        if up.iter().any(|statement| statement.rust.is_some()) {
            // What the code does is unknown.
            return created;
        }
        created.extend(objects.into_iter().filter(|one| names.is_new(one)));
        for statement in up {
            let new = names.run(statement, is_manual);
            let new = new.filter(|_| !statements::looks_for_objects(statement));
            let (version, what) = (migration.version, What::NewTable);
            created.extend(new.map(|table| Created { version, table, what }));
        }
    }
    created
}

/// Lists the tables, columns, indexes and constraints that a generated migration adds.
fn list_objects(migration: &Migration, after: &TablesAt, dialect: Dialect) -> Vec<Created> {
    let object = |ChangeId { table, item, kind }: &ChangeId| {
        let found = after.table(table)?;
        let live = || after.live_table(dialect, table).map(Box::new);
        let what = match (kind, item) {
            (ChangeKind::Added, None) => What::Table(live()?),
            (ChangeKind::Added, Some(field)) if found.layout == Layout::Columns => {
                What::Column(found.field(field)?.column().to_owned())
            }
            (
                ChangeKind::IndexAdded | ChangeKind::CheckAdded | ChangeKind::ReferenceAdded,
                Some(name),
            ) => What::Item(name.clone(), live()?),
            _ => return None,
        };
        let table = dialect.table_name(&found.path());
        Some(Created { version: migration.version, table, what })
    };
    let generated = migration.changes.iter().filter(|_| migration.manual.is_none());
    generated.filter_map(|one| object(&one.change)).collect()
}

/// The names that are the program's, or become it before a statement runs.
struct Names<'a> {
    expected: Catalog,
    /// All pending changes.
    changes: Vec<&'a ChangeId>,
    /// The tables that statements so far have created, dropped or renamed.
    used: BTreeSet<String>,
    /// The statements so far that a user wrote: they may have removed what they name.
    written: Vec<&'a Statement>,
}

impl<'a> Names<'a> {
    /// Notes what a statement does. Returns the table that it creates, if its name is not the program's.
    fn run(&mut self, statement: &'a Statement, is_manual: bool) -> Option<String> {
        let renamed = statement.renames.iter().map(|rename| &rename.to);
        let created = statement.creates.iter().chain(renamed);
        let mut created = created.filter(|path| {
            !statements::is_own(path)
                && !self.expected.tables.contains_key(*path)
                && !self.used.contains(*path)
                && !self.is_written(path)
        });
        let new = created.next().cloned();
        let from = statement.renames.iter().flat_map(|rename| [&rename.from, &rename.to]);
        let used = statement.creates.iter().chain(&statement.drops).chain(from);
        self.used.extend(used.cloned());
        self.written.extend(Some(statement).filter(|_| is_manual));
        new
    }

    /// Whether an object is new to the database, as far as the lock file knows.
    fn is_new(&self, Created { table, what, .. }: &Created) -> bool {
        let is_known = self.expected.tables.get(table);
        if self.used.contains(table) || self.is_written(table) {
            return false;
        }
        let is_exact = is_known.is_some_and(|known| !known.external);
        match (what, is_known) {
            (What::NewTable | What::Table(_), known) => known.is_none(),
            (_, None) => false,
            (What::Column(name), Some(known)) if is_exact => !known.columns.contains_key(name),
            (What::Item(name, _), Some(known)) if is_exact => find_item(known, name).is_none(),
            // What else the table had before the pending changes is unknown.
            _ => !self.changes.iter().any(|change| leaves_name(change.kind)),
        }
    }

    fn is_written(&self, path: &str) -> bool {
        self.written.iter().any(|one| statements::may_name(one, name_in_path(path)))
    }
}

/// Whether a name is free after a change.
fn leaves_name(kind: ChangeKind) -> bool {
    use ChangeKind as Kind;
    !matches!(
        kind,
        Kind::Added
            | Kind::IndexAdded
            | Kind::CheckAdded
            | Kind::ReferenceAdded
            | Kind::Permission
            | Kind::Comment
            | Kind::Default
            | Kind::Optional
            | Kind::Required
    )
}

impl Created {
    /// The table with its path, if one that exists has to be like it.
    pub(super) fn expected_table(&self) -> Option<(&String, &LiveTable)> {
        match &self.what {
            What::Table(table) => Some((&self.table, table)),
            _ => None,
        }
    }

    /// Returns what has its name already and is not like it.
    pub(super) fn find_in_the_way(&self, live: &Catalog) -> Vec<Difference> {
        let (path, version) = (&self.table, self.version);
        let difference = |text: String| Difference { table: path.clone(), text };
        let found = live.tables.get(path);
        match &self.what {
            What::NewTable | What::Table(_) if found.is_none() => {
                let other = find_in_the_way(path, live);
                let text = |other| format!("of migration {version} {other}");
                other.map(|other| difference(text(other))).into_iter().collect()
            }
            What::NewTable => {
                vec![difference(format!("exists already, and migration {version} creates it"))]
            }
            What::Table(table) => compare(&only(live, path, table), live)
                .into_iter()
                .map(|Difference { table, text }| {
                    let text = format!("{text}; migration {version} creates it");
                    Difference { table, text }
                })
                .collect(),
            What::Column(name) => {
                let dialect = live.dialect;
                let is_it = |column: &&String| dialect.is_same_name(column, name);
                let column = found.and_then(|found| found.columns.keys().find(is_it));
                let text = |column| {
                    format!("has the column `{column}` already, and migration {version} adds it")
                };
                column.map(|column| difference(text(column))).into_iter().collect()
            }
            What::Item(name, table) => {
                let item = found.and_then(|found| Some((found, find_item(found, name)?)));
                let Some((found, _)) = item else { return Vec::new() };
                let wanted = LiveTable {
                    columns: found.columns.clone(),
                    key: found.key.clone(),
                    partition_by: found.partition_by.clone(),
                    ..find_item(table, name).unwrap_or_default()
                };
                compare(&only(live, path, &wanted), live)
            }
        }
    }
}

/// Returns a catalogue with one table.
fn only(live: &Catalog, path: &str, table: &LiveTable) -> Catalog {
    let tables = [(path.to_owned(), table.clone())].into();
    Catalog { tables, enums: live.enums.clone(), ..Catalog::new(live.dialect) }
}

/// Returns a table with nothing but the index or constraint of that name, if the table has it.
fn find_item(table: &LiveTable, name: &str) -> Option<LiveTable> {
    let mut found = LiveTable::default();
    let is_named = |other: &Option<String>| other.as_deref() == Some(name);
    found.indexes.extend(table.indexes.get(name).map(|index| (name.to_owned(), index.clone())));
    found.checks.extend(table.checks.iter().find(|one| is_named(&one.name)).cloned());
    found.references.extend(table.references.iter().find(|one| is_named(&one.name)).cloned());
    let is_empty =
        found.indexes.is_empty() && found.checks.is_empty() && found.references.is_empty();
    (!is_empty).then_some(found)
}
