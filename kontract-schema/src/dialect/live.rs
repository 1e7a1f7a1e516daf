//! Statements about tables of a live SQLite file, whoever created them: probes that compile only if
//! triggers and views do, and counts of rows.

use super::Dialect;

const HERE: Dialect = Dialect::Sqlite;

/// A statement that compiles only if a table or view works, with its triggers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Probe {
    /// What the statement does: `INSERT`, `UPDATE`, `DELETE` or `SELECT`.
    pub verb: &'static str,
    /// The statement.
    pub sql: String,
}

/// Returns statements that fire every trigger of a table or view with these columns.
///
/// ```
/// # use kontract_schema::dialect::print_trigger_probes;
/// let [insert, update, delete] = print_trigger_probes("posts", &["id".to_owned()]);
/// assert_eq!(insert.sql, "INSERT INTO posts DEFAULT VALUES");
/// assert_eq!(update.sql, "UPDATE posts SET id = id");
/// assert_eq!(delete.sql, "DELETE FROM posts");
/// ```
pub fn print_trigger_probes(table: &str, columns: &[String]) -> [Probe; 3] {
    let name = HERE.ident(table);
    let set: Vec<String> = columns
        .iter()
        .map(|column| HERE.ident(column))
        .map(|column| format!("{column} = {column}"))
        .collect();
    [
        Probe { verb: "INSERT", sql: format!("INSERT INTO {name} DEFAULT VALUES") },
        Probe { verb: "UPDATE", sql: format!("UPDATE {name} SET {}", set.join(", ")) },
        Probe { verb: "DELETE", sql: format!("DELETE FROM {name}") },
    ]
}

/// Returns a query of one row of a view or virtual table.
pub fn print_view_probe(view: &str) -> Probe {
    Probe { verb: "SELECT", sql: format!("SELECT * FROM {} LIMIT 1", HERE.ident(view)) }
}

/// Returns a query for the number of rows, and for each column the number of values that are not NULL,
/// as a JSON array.
pub fn query_filled(table: &str, columns: &[String]) -> String {
    let counts = columns.iter().map(|column| format!(", count({})", HERE.ident(column)));
    let counts: Vec<String> = counts.collect();
    format!("SELECT json_array(count(*){}) FROM {}", counts.concat(), HERE.ident(table))
}

/// Returns a query for the number of rows in which none of the columns is NULL.
pub fn query_referring(table: &str, columns: &[String]) -> String {
    let filled = columns.iter().map(|column| format!("{} IS NOT NULL", HERE.ident(column)));
    let filled: Vec<String> = filled.collect();
    format!("SELECT count(*) FROM {} WHERE {}", HERE.ident(table), filled.join(" AND "))
}

/// Returns a query for the number, least, greatest and sum of the rowids of a table.
pub fn query_rowids(table: &str) -> String {
    let name = HERE.ident(table);
    format!(
        "SELECT count(*), coalesce(min(rowid), 0), coalesce(max(rowid), 0), total(rowid) FROM {name}"
    )
}

/// Returns the statement that drops a column.
pub fn print_drop_column(table: &str, column: &str) -> String {
    format!("ALTER TABLE {} DROP COLUMN {}", HERE.ident(table), HERE.ident(column))
}

/// Returns the statement that drops an index or a trigger (`kind`).
pub fn print_drop_object(kind: &str, name: &str) -> String {
    format!("DROP {} {}", kind.to_ascii_uppercase(), HERE.ident(name))
}
