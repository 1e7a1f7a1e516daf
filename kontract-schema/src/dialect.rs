//! The two databases: what each can do, and the SQL text of both.
//!
//! Only this module and its children write SQL about the tables of users.

pub mod dml;
pub mod json;

mod capabilities;
mod conversion;
mod ddl;
mod live;
mod postgres;
#[cfg(feature = "parse")]
mod prerequisite;
pub(crate) mod probe;
mod sqlite;
mod values;
mod variants;
mod violations;

pub use capabilities::Capabilities;
pub(crate) use conversion::{
    Conversion, checks_values, convert_column, convert_key, from_json, has_placeholder, to_json,
};
pub(crate) use ddl::{
    create_comments, create_tables, print_check, print_default, print_in_mode,
    print_index_condition, print_index_parts, print_partition_key, query_deleted_rows,
    query_values,
};
pub use ddl::{create_schema, create_table, drop_tables, print_drop_type, print_statement};
pub(crate) use dml::PLACEHOLDER;
pub use json::print_json_key;
pub use live::{
    Probe, print_drop_column, print_drop_object, print_trigger_probes, print_view_probe,
    query_filled, query_referring, query_rowids,
};
pub(crate) use sqlite::{ROWID_NAMES, is_rowid};
pub(crate) use values::{
    Volatility, find_constant_sql, print_collation, print_column_type, resolve_default, volatility,
};
pub(crate) use violations::{Violation, query_violations};
pub use violations::{
    query_count, query_duplicates, query_first, query_greatest_number, query_greatest_text,
    query_null_keys, query_row_count,
};
#[cfg(feature = "parse")]
pub(crate) use {
    ddl::LIVE,
    postgres::can_store,
    prerequisite::{print_missing_extension, print_missing_object, print_missing_schema},
    values::print_now,
};

pub use crate::model::Dialect;
use crate::model::Method;
use crate::sqltext::is_reserved;

/// Returns the name in a path, without the namespace.
pub fn name_in_path(path: &str) -> &str {
    path.split_once('/').map_or(path, |(_, name)| name)
}

/// Returns a path for messages: `audit.events`.
pub fn print_path(path: &str) -> String {
    path.replacen('/', ".", 1)
}

impl Dialect {
    /// Whether the database has indexes of this method.
    pub fn has(self, method: Method) -> bool {
        self.capabilities().index_methods.contains(&method)
    }

    /// Prints an identifier. It is quoted unless it is plain lower case and not a keyword of either
    /// database: `users`, `"order"`, `"userId"`. Both databases double the quote inside.
    pub fn ident(self, name: &str) -> String {
        let plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_');
        let starts_plain = name.starts_with(|c: char| c == '_' || c.is_ascii_lowercase());
        if starts_plain && name.bytes().all(plain) && !is_reserved(name) {
            name.to_owned()
        } else {
            format!("\"{}\"", name.replace('"', "\"\""))
        }
    }

    /// Whether two names of tables or indexes are one for the database.
    pub fn is_same_name(self, one: &str, other: &str) -> bool {
        one == other
            || (!self.capabilities().case_sensitive_names && one.eq_ignore_ascii_case(other))
    }

    /// Returns the name in the database of a table with a path (`Table::path`): on SQLite the namespace is
    /// part of the name.
    pub fn table_name(self, path: &str) -> String {
        match self {
            Dialect::Postgres => path.to_owned(),
            Dialect::Sqlite => path.replacen('/', "_", 1),
        }
    }

    /// Prints the name of a table with a path: `audit.events`, `audit_events`.
    pub fn table(self, path: &str) -> String {
        match (self, path.split_once('/')) {
            (Dialect::Postgres, Some((namespace, name))) => {
                format!("{}.{}", self.ident(namespace), self.ident(name))
            }
            _ => self.ident(&self.table_name(path)),
        }
    }

    /// Prints a literal of the name of a table with a path: for `to_regclass` of PostgreSQL, and for
    /// `sqlite_schema`.
    pub fn table_literal(self, path: &str) -> String {
        match self {
            Dialect::Postgres => self.literal(&self.table(path)),
            Dialect::Sqlite => self.literal(&self.table_name(path)),
        }
    }

    /// Prints the name of an index with a path. On SQLite names of indexes have no namespace.
    pub fn index(self, path: &str) -> String {
        match self {
            Dialect::Postgres => self.table(path),
            Dialect::Sqlite => self.ident(name_in_path(path)),
        }
    }

    /// Prints a text literal: `'it''s'`. Both databases double the quote inside; neither reads
    /// backslashes in it (PostgreSQL with `standard_conforming_strings`, which the runtime sets).
    pub fn literal(self, text: &str) -> String {
        format!("'{}'", text.replace('\'', "''"))
    }
}
