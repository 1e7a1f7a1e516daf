//! Foreign keys of a live SQLite file: whether they can be followed, and which rows violate them.

use std::collections::{BTreeMap, BTreeSet};

use kontract_schema::dialect::{query_filled, query_referring};

use crate::driver::sqlite::Connection;
use crate::error::Result;

/// A foreign key.
#[derive(Clone, Debug)]
pub(super) struct Reference {
    pub(super) table: String,
    pub(super) columns: Vec<String>,
    pub(super) parent: String,
    /// The columns there; empty for its primary key.
    pub(super) to: Vec<String>,
    pub(super) target: TargetState,
}

/// What a foreign key refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TargetState {
    /// A table in which the columns are unique.
    Found,
    /// A table that does not exist: SQLite refuses every row.
    NoTable,
    /// Columns that are not unique: SQLite refuses every statement.
    NotUnique,
}

impl Reference {
    /// Reads the foreign keys of all tables.
    pub(super) fn read_all(connection: &Connection<'_>) -> Result<Vec<Reference>> {
        let rows: Vec<(String, Vec<String>, String, Vec<String>)> = connection.fetch(
            "SELECT t.name, json_group_array(r.\"from\" ORDER BY r.seq), r.\"table\", \
             json_group_array(coalesce(r.\"to\", '') ORDER BY r.seq) \
             FROM pragma_table_list t JOIN pragma_foreign_key_list(t.name) r \
             WHERE t.schema = 'main' AND t.type = 'table' GROUP BY t.name, r.id",
            (),
        )?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let keys = read_keys(connection)?;
        let reference = |(table, columns, parent, mut to): (String, _, String, Vec<String>)| {
            to.retain(|column| !column.is_empty());
            let target = match keys.get(&parent.to_lowercase()) {
                None => TargetState::NoTable,
                Some(keys) if keys.has(&to) => TargetState::Found,
                Some(_) => TargetState::NotUnique,
            };
            Reference { table, columns, parent, to, target }
        };
        Ok(rows.into_iter().map(reference).collect())
    }

    /// Whether it refers to this table.
    pub(super) fn refers_to(&self, table: &str) -> bool {
        self.parent.eq_ignore_ascii_case(table)
    }

    /// Counts the rows without NULL in its columns.
    pub(super) fn count_rows(&self, connection: &Connection<'_>) -> Result<i64> {
        let query = query_referring(&self.table, &self.columns);
        let counted: Vec<(i64,)> = connection.fetch(&query, ())?;
        Ok(counted.first().map_or(0, |(rows,)| *rows))
    }
}

/// The unique columns of a table, in lower case.
#[derive(Default)]
struct Keys {
    primary: BTreeSet<String>,
    unique: Vec<BTreeSet<String>>,
}

impl Keys {
    fn has(&self, columns: &[String]) -> bool {
        if columns.is_empty() {
            return !self.primary.is_empty();
        }
        let columns: BTreeSet<String> = columns.iter().map(|name| name.to_lowercase()).collect();
        columns == self.primary || self.unique.contains(&columns)
    }
}

/// Reads the unique columns of all tables.
fn read_keys(connection: &Connection<'_>) -> Result<BTreeMap<String, Keys>> {
    let primary: Vec<(String, String, i64)> = connection.fetch(
        "SELECT t.name, c.name, c.pk FROM pragma_table_list t JOIN pragma_table_xinfo(t.name) c \
         WHERE t.schema = 'main' AND t.type = 'table'",
        (),
    )?;
    let unique: Vec<(String, Vec<String>)> = connection.fetch(
        "SELECT t.name, json_group_array(coalesce(c.name, '')) FROM pragma_table_list t \
         JOIN pragma_index_list(t.name) i JOIN pragma_index_info(i.name) c \
         WHERE t.schema = 'main' AND t.type = 'table' AND i.\"unique\" AND NOT i.partial \
         GROUP BY t.name, i.name",
        (),
    )?;
    let mut keys: BTreeMap<String, Keys> = BTreeMap::new();
    for (table, column, place) in primary {
        let keys = keys.entry(table.to_lowercase()).or_default();
        if place > 0 {
            keys.primary.insert(column.to_lowercase());
        }
    }
    for (table, columns) in unique {
        let columns = columns.iter().map(|name| name.to_lowercase()).collect();
        keys.entry(table.to_lowercase()).or_default().unique.push(columns);
    }
    Ok(keys)
}

/// The rows that violate foreign keys, by table and table that it refers to. A row without a rowid is
/// only counted.
pub(super) type Violations = BTreeMap<(String, String), Vec<Option<i64>>>;

/// Finds the rows that violate foreign keys. Tables with a reference that SQLite cannot follow are left
/// out.
pub(super) fn find_violations(
    connection: &Connection<'_>,
    references: &[Reference],
) -> Result<Violations> {
    let is_broken = |table: &str| {
        let mut own = references.iter().filter(|one| one.table == table);
        own.any(|one| one.target == TargetState::NotUnique)
    };
    let tables: BTreeSet<&str> = references.iter().map(|one| one.table.as_str()).collect();
    let mut found = Violations::new();
    for table in tables.into_iter().filter(|table| !is_broken(table)) {
        let rows: Vec<(String, Option<i64>)> = connection
            .fetch("SELECT parent, rowid FROM pragma_foreign_key_check($1)", (table.to_owned(),))?;
        for (parent, row) in rows {
            found.entry((table.to_owned(), parent)).or_default().push(row);
        }
    }
    Ok(found)
}

/// Counts the rows, and the values in columns with references, of tables that are not `own` and refer
/// to tables that are, also through each other: what a change of an own row can delete or empty.
pub(super) fn count_dependents(
    connection: &Connection<'_>,
    references: &[Reference],
    own: &BTreeSet<String>,
) -> Result<BTreeMap<String, Vec<i64>>> {
    let mut reached = own.clone();
    loop {
        let next = |one: &&Reference| {
            reached.contains(&one.parent.to_lowercase())
                && !reached.contains(&one.table.to_lowercase())
        };
        let Some(one) = references.iter().find(next) else { break };
        reached.insert(one.table.to_lowercase());
    }
    let others = reached.into_iter().filter(|table| !own.contains(table));
    others.map(|table| Ok((table.clone(), count_filled(connection, references, &table)?))).collect()
}

/// Counts the rows of a table, and the values in its columns with references.
pub(super) fn count_filled(
    connection: &Connection<'_>,
    references: &[Reference],
    table: &str,
) -> Result<Vec<i64>> {
    let own = references.iter().filter(|one| one.table.eq_ignore_ascii_case(table));
    let columns: BTreeSet<String> = own.flat_map(|one| one.columns.iter().cloned()).collect();
    let columns: Vec<String> = columns.into_iter().collect();
    let counted: Vec<(Vec<i64>,)> = connection.fetch(&query_filled(table, &columns), ())?;
    Ok(counted.into_iter().next().map(|(counts,)| counts).unwrap_or_default())
}
