//! Names that two objects of the database cannot share: those of tables, indexes, primary keys and
//! sequences, and those of the constraints of one table.

use std::collections::{BTreeMap, BTreeSet};

use super::duplicate_name;
use crate::code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{Dialect, Field, Schema, Table};
use crate::sql::ddl::{ConstraintRule, Tracked};
use crate::sql::enum_types::{enum_columns, enum_type};
use crate::sql::table::{constraints, key_name, number_index, tracked, tracked_index};

/// Reports names that are taken twice.
pub(super) fn check_names(schema: &Schema, problems: &mut Diagnostics) {
    let before = problems.len();
    check_pointers(schema, problems);
    if problems.len() == before {
        check_relations(schema, problems);
    }
    for table in schema.tables.values().filter(|table| !table.external) {
        check_constraints(table, schema, problems);
    }
}

/// Reports tables with the same name in the database.
fn check_pointers(schema: &Schema, problems: &mut Diagnostics) {
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for table in schema.tables.values() {
        // SQLite does not distinguish case, and has the schema in the name.
        let name = Dialect::Sqlite.table_name(&table.path());
        if let Some(other) = seen.insert(name.to_lowercase(), &table.name) {
            problems
                .report(
                    code::DUPLICATE_TABLE,
                    format!(
                        "`{other}` and `{}` are both the table `{}` of the database",
                        table.name, name
                    ),
                )
                .on(&table.name, None)
                .help("give one of them another name there: `#[table(ptr = \"…\")]`");
        }
    }
}

/// An object that has a name of its own in the database, beside its table.
#[derive(Clone)]
struct Relation<'a> {
    table: &'a Table,
    name: String,
    /// What it is to the table; empty for the table itself.
    what: &'static str,
    field: Option<&'a str>,
}

impl Relation<'_> {
    /// Returns what must be its own: its name within the schema of its table on PostgreSQL, and its name
    /// on SQLite, which does not distinguish case and has no names for keys and sequences.
    fn keys(&self) -> Vec<String> {
        let postgres = format!("{}/{}", self.table.namespace.as_deref().unwrap_or(""), self.name);
        let sqlite = match self.what {
            "" => Some(Dialect::Sqlite.table_name(&self.table.path())),
            PRIMARY_KEY | SEQUENCE => None,
            _ => Some(self.name.clone()),
        };
        [Some(postgres), sqlite].into_iter().flatten().map(|name| name.to_lowercase()).collect()
    }

    /// Whether the schemas of PostgreSQL keep both apart.
    fn is_apart(&self, other: &Relation<'_>) -> bool {
        self.table.namespace != other.table.namespace
    }

    fn describe(&self) -> String {
        match self.what {
            "" => format!("table `{}`", self.table.name),
            what => format!("the {what} of table `{}`", self.table.name),
        }
    }
}

const PRIMARY_KEY: &str = "primary key";
const SEQUENCE: &str = "sequence";

/// The objects that a table has without a name in the source.
fn implied_relations(table: &Table) -> Vec<Relation<'_>> {
    let relation = |name, what| Relation { table, name, what, field: None };
    let key = (!table.keyless).then(|| relation(key_name(table), PRIMARY_KEY));
    let mut found: Vec<Relation<'_>> = key.into_iter().collect();
    let numbered = table.schema.iter().filter(|field| field.identity);
    let numbered = numbered.map(|field| field.column().to_owned());
    let order = tracked(table)
        .filter(|column| *column == Tracked::Order)
        .map(|column| column.name().to_owned());
    for column in numbered.chain(order) {
        let name = format!("{}_{column}_seq", table.ptr);
        // PostgreSQL shortens longer ones.
        if name.len() <= crate::name::MAX {
            found.push(relation(name, SEQUENCE));
        }
    }
    let indexes = tracked(table).filter_map(|column| tracked_index(table, column));
    found.extend(indexes.map(|index| relation(index.name, "index on a bookkeeping column")));
    let number = number_index(table, Dialect::Sqlite);
    found.extend(number.map(|index| relation(index.name, "index on the number")));
    found
}

/// Reports an index or a table with the name of another, which may belong to another table. The
/// message is at the object that has its name from the source.
fn check_relations(schema: &Schema, problems: &mut Diagnostics) {
    let own = || schema.tables.values().filter(|table| !table.external);
    let tables = schema.tables.values().map(|table| Relation {
        table,
        name: table.ptr.clone(),
        what: "",
        field: None,
    });
    let indexes = own().flat_map(|table| {
        table.indexes.iter().map(|(name, index)| Relation {
            table,
            name: name.clone(),
            what: if index.unique { "unique index" } else { "index" },
            field: index.fields.first().map(String::as_str),
        })
    });
    let mut seen: BTreeMap<String, Relation<'_>> = BTreeMap::new();
    for relation in own().flat_map(implied_relations).chain(tables).chain(indexes) {
        let keys = relation.keys();
        match keys.iter().find_map(|key| seen.get(key)) {
            Some(other) => problems.push(report_shared_name(&relation, other)),
            None => seen.extend(keys.into_iter().map(|key| (key, relation.clone()))),
        }
    }
}

fn report_shared_name(relation: &Relation<'_>, other: &Relation<'_>) -> Diagnostic {
    let help = match relation.what {
        "" => "give the table another name: `#[table(name = \"…\")]`",
        _ => "give one of them another name: `name = \"…\"`",
    };
    let message = format!(
        "{} and {} have the same name in the database: `{}`",
        relation.describe(),
        other.describe(),
        relation.name
    );
    let found = Diagnostic::new(code::DUPLICATE_NAME, message)
        .on(&relation.table.name, relation.field)
        .help(help);
    if relation.is_apart(other) {
        found.note("the schemas of PostgreSQL keep both apart, and SQLite has no schemas")
    } else {
        found
    }
}

/// Reports two constraints of a table with one name. SQLite's are all: PostgreSQL has none for an enum
/// with a type.
fn check_constraints(table: &Table, schema: &Schema, problems: &mut Diagnostics) {
    let mut names: BTreeSet<String> = BTreeSet::from([key_name(table)]);
    let is_key = |rule: &ConstraintRule| matches!(rule, ConstraintRule::PrimaryKey(_));
    for constraint in
        constraints(table, schema, Dialect::Sqlite).into_iter().filter(|one| !is_key(&one.rule))
    {
        let reference = table.references.get(&constraint.name);
        let field = reference.and_then(|key| key.fields.first());
        if names.contains(&constraint.name) {
            problems.push(duplicate_name(&constraint.name, &table.name, field));
        }
        names.insert(constraint.name);
    }
}

/// Reports enum types of one name with different variants, and those with the name of a table.
pub(super) fn check_enum_types(schema: &Schema, problems: &mut Diagnostics) {
    let mut seen: BTreeMap<&str, (&Table, &Field, &[String])> = BTreeMap::new();
    for (table, field) in enum_columns(schema) {
        let Some((name, variants)) = enum_type(field) else { continue };
        if let Some((other_table, other, others)) = seen.get(name) {
            if *others != variants {
                let message = format!("the enum type `{name}` has two definitions");
                problems
                    .report(code::ENUM_TYPE, message)
                    .on(&table.name, Some(&field.name))
                    .note(format!(
                        "field `{}` of table `{}` has the other one",
                        other.name, other_table.name
                    ))
                    .help("give one of the enums another name: `#[native(name = \"…\")]`");
            }
            continue;
        }
        if schema.tables.values().any(|table| Dialect::Postgres.table(&table.path()) == name) {
            let message = format!("the enum type `{name}` has the name of a table");
            problems
                .report(code::ENUM_TYPE, message)
                .on(&table.name, Some(&field.name))
                .note("PostgreSQL makes a type for each table")
                .help("give the enum another name: `#[native(name = \"…\")]`");
        }
        seen.insert(name, (table, field, variants));
    }
}
