//! Triggers, indexes and columns on a rebuilt table that are not Kontract's. The rebuild drops
//! triggers and indexes that others created; they are recreated here. A column that others added,
//! also a generated one, and the last number of a key with AUTOINCREMENT would be lost; the rebuild
//! is refused. Views stay, because the rename does not read them (`legacy_alter_table`).
//! <https://www.sqlite.org/lang_altertable.html#making_other_kinds_of_table_schema_changes>

use kontract_schema::code;
use kontract_schema::dialect::Dialect;
use kontract_schema::lock::Step as Statement;
use kontract_schema::sqltext;

use crate::driver::sqlite::Connection;
use crate::error::Result;
use crate::migrate::failure::failure;

/// The triggers, indexes and columns of a database.
pub(crate) struct ForeignObjects {
    objects: Vec<Object>,
    /// Table and column.
    columns: Vec<(String, String)>,
    /// The tables whose keys never reuse a number.
    counting: Vec<String>,
}

struct Object {
    name: String,
    table: String,
    sql: String,
}

impl ForeignObjects {
    /// Reads what the database has.
    pub(crate) fn read(connection: &Connection<'_>) -> Result<ForeignObjects> {
        let objects: Vec<(String, String, String)> = connection.fetch(
            "SELECT name, tbl_name, sql FROM sqlite_schema \
             WHERE type IN ('index', 'trigger') AND sql IS NOT NULL ORDER BY rowid",
            (),
        )?;
        let objects =
            objects.into_iter().map(|(name, table, sql)| Object { name, table, sql }).collect();
        let columns = connection.fetch(
            "SELECT t.name, c.name FROM sqlite_schema t, pragma_table_xinfo(t.name) c \
             WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'",
            (),
        )?;
        let tables: Vec<(String, String)> = connection.fetch(
            "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%autoincrement%'",
            (),
        )?;
        let counting = tables.into_iter().filter(|(_, sql)| {
            sqltext::words(Dialect::Sqlite, sql).iter().any(|word| word.is("AUTOINCREMENT"))
        });
        Ok(ForeignObjects { objects, columns, counting: counting.map(|(name, _)| name).collect() })
    }

    /// Recreates what is gone, unless its table is gone too, or a `known` statement created or dropped
    /// it. The author of a manual migration decides about the key.
    ///
    /// # Errors
    /// K0433: a column or AUTOINCREMENT would be lost. K0425: an object does not fit the new table.
    pub(crate) fn restore(
        self,
        connection: &Connection<'_>,
        known: &[&Statement],
        is_manual: bool,
    ) -> Result<()> {
        let now = ForeignObjects::read(connection)?;
        let is_table = |name: &str| now.columns.iter().any(|(table, _)| table == name);
        for (table, column) in &self.columns {
            let gone =
                is_table(table) && !now.columns.iter().any(|c| c.0 == *table && c.1 == *column);
            if gone && !known.iter().any(|statement| statement.drops_column(column)) {
                return Err(failure(code::FOREIGN_COLUMN, format!("rebuilding table `{table}` would drop its column `{column}`, which is not Kontract's"))
                    .with_help(format!("add `{column}` to the struct as a field, or save its values and drop it")));
            }
        }
        for table in self.counting.iter().filter(|table| is_table(table)) {
            if !now.counting.contains(table) && !is_manual {
                return Err(failure(code::FOREIGN_COLUMN, format!("rebuilding table `{table}` would drop AUTOINCREMENT from its key, so ids could be reused"))
                    .with_help("write `#[primkey(identity)]` if the database numbers the rows; otherwise rebuild the table in a manual migration, with AUTOINCREMENT or without"));
            }
        }
        for object in self.objects {
            let gone = !now.objects.iter().any(|other| other.name == object.name);
            let is_known = || known.iter().any(|statement| statement.is_about(&object.name));
            if gone && is_table(&object.table) && !is_known() {
                connection.execute(&object.sql).map_err(|error| {
                    let (name, table) = (&object.name, &object.table);
                    failure(code::MIGRATION_FAILED, format!("`{name}` on table `{table}` is not Kontract's, and cannot be recreated after the rebuild"))
                        .with_help("drop it, or change it so that it fits the new table")
                        .with_source(error)
                })?;
            }
        }
        Ok(())
    }
}
