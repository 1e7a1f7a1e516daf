//! What goes with a SQLite table that is rebuilt although it is not Kontract's: the triggers and
//! indexes that somebody else made are dropped with the table, and are made again here. A column
//! that somebody else added, also a generated one, is nowhere else, and a key with AUTOINCREMENT has
//! its last number nowhere else; there the rebuild is refused. Views stay, where the
//! rename does not look into them (`legacy_alter_table`).
//! <https://www.sqlite.org/lang_altertable.html#making_other_kinds_of_table_schema_changes>

use crate::driver::sqlite::Connection;
use crate::driver::statement::PreparedStatement;
use crate::error::Result;
use crate::migrate::failure;
use crate::value::row::{Reader, field};
use crate::value::wire::{Scalar, Wire};

/// The triggers, indexes and columns of a database.
pub(in crate::migrate) struct Kept {
    objects: Vec<Object>,
    /// Table and column.
    columns: Vec<(String, String)>,
    /// The tables that never give a number out again.
    counting: Vec<String>,
}

struct Object {
    name: String,
    table: String,
    sql: String,
}

impl Kept {
    /// What is there.
    pub(in crate::migrate) fn read(connection: &Connection<'_>) -> Result<Kept> {
        let query = PreparedStatement::raw(
            "SELECT name, tbl_name, sql FROM sqlite_schema \
             WHERE type IN ('index', 'trigger') AND sql IS NOT NULL ORDER BY rowid",
            Vec::new(),
            vec![Wire::one(Scalar::Text); 3],
        );
        let read = |from: &mut dyn Reader| {
            Ok(Object { name: field(from)?, table: field(from)?, sql: field(from)? })
        };
        let objects = connection.run(&query, &|_| Ok(()), read)?;
        let query = PreparedStatement::raw(
            "SELECT t.name, c.name FROM sqlite_schema t, pragma_table_xinfo(t.name) c \
             WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'",
            Vec::new(),
            vec![Wire::one(Scalar::Text); 2],
        );
        let read = |from: &mut dyn Reader| Ok((field(from)?, field(from)?));
        let columns = connection.run(&query, &|_| Ok(()), read)?;
        let query = PreparedStatement::raw(
            "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%autoincrement%'",
            Vec::new(),
            vec![Wire::one(Scalar::Text); 2],
        );
        let read = |from: &mut dyn Reader| Ok((field::<String>(from)?, field::<String>(from)?));
        let tables = connection.run(&query, &|_| Ok(()), read)?.into_iter();
        let counting = tables.filter(|(_, sql)| names(&sql.to_uppercase(), "AUTOINCREMENT"));
        Ok(Kept { objects, columns, counting: counting.map(|(name, _)| name).collect() })
    }

    /// Makes again what is gone, unless its table is gone too or the statements of Kontract's own
    /// name it: then they say what becomes of it. Who wrote the step `by_hand` has seen its key.
    pub(in crate::migrate) fn restore(
        self,
        connection: &Connection<'_>,
        ours: &[&str],
        by_hand: bool,
    ) -> Result<()> {
        let is_ours = |name: &str| ours.iter().any(|statement| names(statement, name));
        let now = Kept::read(connection)?;
        let is_table = |name: &str| now.columns.iter().any(|(table, _)| table == name);
        for (table, column) in &self.columns {
            let gone =
                is_table(table) && !now.columns.iter().any(|c| c.0 == *table && c.1 == *column);
            if gone && !is_ours(column) {
                return Err(failure("K0433", format!("the migration makes the table `{table}` anew, and its column `{column}`, which is not Kontract's, would be lost"))
                    .with_help(format!("add `{column}` to the struct as a field, or save what it holds and drop it")));
            }
        }
        for table in self.counting.iter().filter(|table| is_table(table)) {
            if !now.counting.contains(table) && !by_hand {
                return Err(failure("K0433", format!("the migration makes the table `{table}` anew, and its key, which has AUTOINCREMENT that is not Kontract's, would give numbers out again"))
                    .with_help("make the table anew in a manual migration, with AUTOINCREMENT or without"));
            }
        }
        for object in self.objects {
            let gone = !now.objects.iter().any(|other| other.name == object.name);
            if gone && is_table(&object.table) && !is_ours(&object.name) {
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

/// Whether a name stands in a statement as a whole word.
fn names(statement: &str, name: &str) -> bool {
    let in_word = |c: char| c.is_alphanumeric() || c == '_';
    statement.match_indices(name).any(|(at, _)| {
        !statement[..at].ends_with(in_word) && !statement[at + name.len()..].starts_with(in_word)
    })
}
