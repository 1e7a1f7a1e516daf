//! Statements by which PostgreSQL is asked to print an expression in its own words, on an empty
//! temporary table with the columns of a real one.

use super::Dialect;

const HERE: Dialect = Dialect::Postgres;
/// The temporary table.
const NAME: &str = "_kontract_probe";

/// Makes the temporary table, with the columns of another.
pub fn probe_table(like: &str) -> String {
    format!("CREATE TEMPORARY TABLE {NAME} (LIKE {})", HERE.table(like))
}

/// Sets a CHECK, and the query that prints it.
pub fn probe_check(condition: &str) -> (String, String) {
    (
        format!("ALTER TABLE pg_temp.{NAME} ADD CHECK ({condition})"),
        format!(
            "SELECT pg_get_expr(conbin, conrelid) FROM pg_catalog.pg_constraint \
             WHERE conrelid = 'pg_temp.{NAME}'::regclass AND contype = 'c'"
        ),
    )
}

/// Sets a default, and the query that prints it.
pub fn probe_default(column: &str, value: &str) -> (String, String) {
    (
        format!(
            "ALTER TABLE pg_temp.{NAME} ALTER COLUMN {} SET DEFAULT {value}",
            HERE.ident(column)
        ),
        format!(
            "SELECT pg_get_expr(adbin, adrelid) FROM pg_catalog.pg_attrdef \
             WHERE adrelid = 'pg_temp.{NAME}'::regclass"
        ),
    )
}

/// Adds a generated column of a type, and the query that prints it as the catalogue has it.
pub fn probe_generated(ty: &str, expression: &str, stored: bool) -> (String, String) {
    let kind = if stored { "STORED" } else { "VIRTUAL" };
    (
        format!(
            "ALTER TABLE pg_temp.{NAME} ADD COLUMN _kontract_generated {ty} \
             GENERATED ALWAYS AS ({expression}) {kind}"
        ),
        format!(
            "SELECT 'generated always as (' || pg_get_expr(adbin, adrelid) || ') {}' \
             FROM pg_catalog.pg_attrdef WHERE adrelid = 'pg_temp.{NAME}'::regclass",
            kind.to_lowercase()
        ),
    )
}

/// Makes an index of some rows, and the query that prints which.
pub fn probe_condition(condition: &str) -> (String, String) {
    (
        format!("CREATE INDEX ON pg_temp.{NAME} ((1)) WHERE {condition}"),
        format!(
            "SELECT pg_get_expr(indpred, indrelid) FROM pg_catalog.pg_index \
             WHERE indrelid = 'pg_temp.{NAME}'::regclass"
        ),
    )
}

/// Makes an index on an expression, and the query that prints it.
pub fn probe_index_part(expression: &str) -> (String, String) {
    (
        format!("CREATE INDEX ON pg_temp.{NAME} (({expression}))"),
        format!(
            "SELECT pg_get_indexdef(indexrelid, 1, false) FROM pg_catalog.pg_index \
             WHERE indrelid = 'pg_temp.{NAME}'::regclass"
        ),
    )
}
