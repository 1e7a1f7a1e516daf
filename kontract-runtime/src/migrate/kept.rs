//! What goes with a SQLite table that is rebuilt although it is not Kontract's: the triggers and
//! indexes that somebody else made are dropped with the table, and are made again here. Views stay,
//! where the rename does not look into them (`legacy_alter_table`).
//! <https://www.sqlite.org/lang_altertable.html#making_other_kinds_of_table_schema_changes>

use kontract_schema::lock::{LockFile, Migration};

use super::failure;
use crate::backend::Query;
use crate::backend::sqlite::Connection;
use crate::error::Result;
use crate::record::{Reader, field};
use crate::wire::{Scalar, Wire};

/// The triggers and indexes of a database.
pub(super) struct Kept(Vec<Object>);

struct Object {
    name: String,
    table: String,
    sql: String,
}

impl Kept {
    /// What is there.
    pub(super) fn read(connection: &Connection<'_>) -> Result<Kept> {
        let query = Query::raw(
            "SELECT name, tbl_name, sql FROM sqlite_schema \
             WHERE type IN ('index', 'trigger') AND sql IS NOT NULL ORDER BY rowid",
            Vec::new(),
            vec![Wire::one(Scalar::Text); 3],
        );
        let read = |from: &mut dyn Reader| {
            Ok(Object { name: field(from)?, table: field(from)?, sql: field(from)? })
        };
        connection.run(&query, &|_| Ok(()), read).map(Kept)
    }

    /// Makes again what is gone, unless its table is gone too or it is Kontract's own: then the
    /// migration says what becomes of it.
    pub(super) fn restore(self, connection: &Connection<'_>, lock: &LockFile) -> Result<()> {
        let there = Kept::read(connection)?;
        let tables = Query::raw(
            "SELECT name FROM sqlite_schema WHERE type = 'table'",
            Vec::new(),
            vec![Wire::one(Scalar::Text)],
        );
        let tables = connection.run(&tables, &|_| Ok(()), |from| field::<String>(from))?;
        for object in self.0 {
            let gone = !there.0.iter().any(|other| other.name == object.name);
            if gone && tables.contains(&object.table) && !is_ours(&object.name, lock) {
                connection.execute(&object.sql).map_err(|error| {
                    let (name, table) = (&object.name, &object.table);
                    failure("K0425", format!("`{name}` on the table `{table}` is not Kontract's, and cannot be made again once the table is rebuilt"))
                        .with_help("drop it, or change it so that it fits the new table")
                        .with_source(error)
                })?;
            }
        }
        Ok(())
    }
}

/// Whether a statement of the history names it.
fn is_ours(name: &str, lock: &LockFile) -> bool {
    let statements = |migration: &Migration| {
        let script = &migration.sql.sqlite;
        let mut all = script.up.iter().chain(script.down.iter().flatten());
        all.any(|statement| statement.contains(name))
    };
    lock.migrations.iter().chain(&lock.draft).any(statements)
}
