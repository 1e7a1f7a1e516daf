//! The two databases: what each can do, and the SQL text of both.
//!
//! Only this module and its children write SQL about the tables of users.

pub mod dml;
pub mod json;

mod capabilities;
mod conversion;
mod ddl;
mod postgres;
pub(crate) mod probe;
mod sqlite;
mod values;
mod variants;
mod violations;

pub use capabilities::Capabilities;
pub(crate) use conversion::{
    Conversion, can_refuse, column as convert_column, from_json, key as convert_key, to_json,
};
pub(crate) use ddl::{
    LIVE, condition_of, create_tables, default, holds, holds_deleted, index_condition, index_parts,
    text_in_mode,
};
pub use ddl::{create_schema, create_table, drop_tables, statement_text};
pub(crate) use dml::PLACEHOLDER;
pub use json::json_field;
pub(crate) use values::{kind, now};
pub(crate) use violations::{Standing, rows_against};
pub use violations::{count_all, count_of, duplicates, first_of, greatest_number, greatest_text};

pub use crate::model::Dialect;
use crate::model::Method;
use crate::sqltext::is_reserved;

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

    /// Prints a text literal: `'it''s'`. Both databases double the quote inside; neither reads
    /// backslashes in it (PostgreSQL with `standard_conforming_strings`, which the runtime sets).
    pub fn literal(self, text: &str) -> String {
        format!("'{}'", text.replace('\'', "''"))
    }
}
