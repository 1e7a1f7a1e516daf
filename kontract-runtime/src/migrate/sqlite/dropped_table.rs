//! A table that a migration drops: what goes with it, and what has to come back if another table takes
//! its place.
//! <https://www.sqlite.org/lang_altertable.html#making_other_kinds_of_table_schema_changes>

use kontract_schema::code;
use kontract_schema::dialect::{Dialect, query_rowids};
use kontract_schema::lock::Step as Statement;
use kontract_schema::sqltext;

use super::inventory::{Object, list_searches, read_columns, read_objects};
use crate::driver::sqlite::Connection;
use crate::error::{Error, Result};
use crate::migrate::failure::failure;
use crate::migrate::known_objects::KnownObjects;

/// A dropped table.
pub(super) struct DroppedTable {
    pub(super) name: String,
    columns: Vec<String>,
    /// Indexes and triggers.
    objects: Vec<Object>,
    /// Whether its key never reuses a number.
    counts: bool,
    /// Tables of full-text search that find its rows by their rowids, and those rowids.
    searches: Vec<String>,
    rowids: Option<Rowids>,
    /// The columns and indexes that go with it on purpose; `None` where a user wrote the statement.
    gone: Vec<String>,
    own_indexes: Option<Vec<String>>,
    /// Whether the facts of the statement say that it is a rebuild.
    is_rebuild: bool,
}

/// The number, least, greatest and sum of rowids.
type Rowids = (i64, i64, i64, f64);

impl DroppedTable {
    /// Reads what a table has that this statement drops. Returns `None` if there is no such table.
    pub(super) fn read(
        connection: &Connection<'_>,
        table: &str,
        statement: &Statement,
    ) -> Result<Option<DroppedTable>> {
        let found: Vec<(String, String)> = connection.fetch(
            "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name = $1 COLLATE NOCASE",
            (table.to_owned(),),
        )?;
        let Some((name, sql)) = found.into_iter().next() else { return Ok(None) };
        let searches = list_searches(connection, &name)?;
        let rowids = if searches.is_empty() { None } else { read_rowids(connection, &name)? };
        let mut objects = read_objects(connection, Some(&name))?;
        objects.retain(|object| object.kind != "view");
        Ok(Some(DroppedTable {
            columns: read_columns(connection, &name, false),
            objects,
            counts: counts_up(&sql),
            searches,
            rowids,
            gone: statement.drops_columns.clone(),
            own_indexes: statement.own_indexes.clone(),
            is_rebuild: statement.rebuilds.is_some(),
            name,
        }))
    }

    /// Fails where a table that a generated statement drops has something that is not Kontract's.
    ///
    /// # Errors
    /// K0433, which names it.
    pub(super) fn refuse_others(&self, known: &KnownObjects) -> Result<()> {
        if self.own_indexes.is_none() || self.is_rebuild {
            return Ok(());
        }
        let columns = self.columns.iter().filter(|column| !is_among(&self.gone, column));
        let mut others: Vec<String> = columns.map(|name| format!("column `{name}`")).collect();
        let is_known = |object: &&Object| known.objects.contains(&object.name.to_lowercase());
        let objects = self.objects.iter().filter(|object| !self.is_own(object));
        let objects = objects.filter(|object| !is_known(object));
        others.extend(objects.map(|object| format!("{} `{}`", object.kind, object.name)));
        if others.is_empty() {
            return Ok(());
        }
        let (name, others) = (&self.name, others.join(", "));
        Err(failure(
            code::FOREIGN_COLUMN,
            format!(
                "dropping table `{name}` would drop its {others}, which Kontract does not manage"
            ),
        )
        .with_help("save what is still needed and drop the rest, then start again"))
    }

    /// Whether an index is Kontract's and goes with the table.
    fn is_own(&self, object: &Object) -> bool {
        object.kind == "index"
            && self.own_indexes.as_ref().is_some_and(|own| is_among(own, &object.name))
    }

    /// Compares the table that took the place with the dropped one, and creates the indexes and triggers
    /// of others again. Returns their names.
    ///
    /// # Errors
    /// K0433: a column, AUTOINCREMENT or the rowids would be lost. K0425: an index or trigger does not
    /// fit the new table.
    pub(super) fn restore(
        self,
        connection: &Connection<'_>,
        known: &KnownObjects,
    ) -> Result<Vec<Object>> {
        let table = &self.name;
        let columns = read_columns(connection, table, false);
        let is_meant = |column: &str| {
            is_among(&self.gone, column)
                || (!self.is_rebuild && known.columns.contains(&column.to_lowercase()))
        };
        let mut lost = self.columns.iter().filter(|column| !is_among(&columns, column));
        if let Some(column) = lost.find(|column| !is_meant(column)) {
            return Err(lose_column(table, column));
        }
        if self.counts && !known.is_manual && !counts_up(&read_sql(connection, table)?) {
            return Err(failure(code::FOREIGN_COLUMN, format!("rebuilding table `{table}` would drop AUTOINCREMENT from its key, so ids could be reused"))
                .with_help("write `#[primkey(identity)]` if the database numbers the rows; otherwise rebuild the table in a manual migration, with AUTOINCREMENT or without"));
        }
        if let (Some(search), Some(rowids)) = (self.searches.first(), self.rowids)
            && read_rowids(connection, table)?.is_none_or(|now| now != rowids)
        {
            return Err(failure(code::FOREIGN_COLUMN, format!("rebuilding table `{table}` would give its rows other rowids, by which the full-text table `{search}` finds them"))
                .with_help(format!("drop `{search}`, and create it again after the migration; a manual migration can also copy the rowids")));
        }
        let is_left = |object: &&Object| match &self.own_indexes {
            Some(_) => !self.is_own(object),
            // The user who wrote the rebuild decides about the objects of the package.
            None => !known.objects.contains(&object.name.to_lowercase()),
        };
        let restored: Vec<Object> = self.objects.iter().filter(is_left).cloned().collect();
        for object in &restored {
            connection.execute(&object.sql).map_err(|error| {
                let name = &object.name;
                failure(code::MIGRATION_FAILED, format!("`{name}` on table `{table}` is not Kontract's, and cannot be recreated after the rebuild"))
                    .with_help("drop it, or change it so that it fits the new table")
                    .with_source(error)
            })?;
        }
        Ok(restored)
    }
}

/// Returns the error for a column of others that a migration would drop.
pub(super) fn lose_column(table: &str, column: &str) -> Error {
    failure(
        code::FOREIGN_COLUMN,
        format!(
            "rebuilding table `{table}` would drop its column `{column}`, which is not Kontract's"
        ),
    )
    .with_help(format!("add `{column}` to the struct as a field, or save its values and drop it"))
}

/// Whether a name is in the list. SQLite ignores the case of ASCII letters in names.
pub(super) fn is_among(names: &[String], name: &str) -> bool {
    names.iter().any(|other| other.eq_ignore_ascii_case(name))
}

/// Whether the statement that created a table has AUTOINCREMENT.
fn counts_up(sql: &str) -> bool {
    sqltext::words(Dialect::Sqlite, sql).iter().any(|word| word.is("AUTOINCREMENT"))
}

fn read_sql(connection: &Connection<'_>, table: &str) -> Result<String> {
    let query = "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = $1 COLLATE NOCASE";
    let found: Vec<(String,)> = connection.fetch(query, (table.to_owned(),))?;
    Ok(found.into_iter().next().map(|(sql,)| sql).unwrap_or_default())
}

fn read_rowids(connection: &Connection<'_>, table: &str) -> Result<Option<Rowids>> {
    Ok(connection.fetch(&query_rowids(table), ())?.into_iter().next())
}
