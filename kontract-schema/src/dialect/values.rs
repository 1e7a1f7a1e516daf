//! Types, constants, times and keys of documents as text, for statements of all kinds.

use serde_json::Value;

use super::{Dialect, json, postgres, sqlite};
use crate::model::types::Type;
use crate::model::{Field, Sql, SqlType};
use crate::sql::place::{ColumnKind, Place};
use crate::sql::table;
use crate::sqltext;
use crate::stored_text::Form;

/// The type of a column.
pub(crate) fn print_column_type(dialect: Dialect, kind: &ColumnKind) -> String {
    match dialect {
        Dialect::Postgres => postgres::print_column_type(kind),
        Dialect::Sqlite => sqlite::print_column_type(kind).to_owned(),
    }
}

/// The collation of a column, where it is not part of its type.
pub(crate) fn print_collation(dialect: Dialect, kind: &ColumnKind) -> Option<&'static str> {
    match dialect {
        Dialect::Postgres => None,
        Dialect::Sqlite => sqlite::print_collation(kind),
    }
}

/// Prints the time of the statement for a type; `None` for types that are not times.
pub(crate) fn print_now(dialect: Dialect, ty: &Type) -> Option<String> {
    match dialect {
        Dialect::Postgres => postgres::print_now(ty),
        Dialect::Sqlite => sqlite::print_now(ty),
    }
    .map(str::to_owned)
}

/// Prints a constant for a column of this type.
pub(crate) fn print_constant(dialect: Dialect, value: &Value, ty: &Type) -> String {
    match dialect {
        Dialect::Postgres => postgres::print_constant(value, ty),
        Dialect::Sqlite => sqlite::print_constant(value, ty),
    }
}

/// Prints a constant for the column of a field.
pub(crate) fn print_field_constant(dialect: Dialect, value: &Value, field: &Field) -> String {
    match stored_constant(value, &field.ty, field.sql_type.as_ref()) {
        Some(stored) if dialect == Dialect::Sqlite => print_constant(dialect, &stored, &field.ty),
        _ => print_constant(dialect, value, &field.ty),
    }
}

/// Returns a constant as SQLite stores it, where that is another text.
fn stored_constant(value: &Value, ty: &Type, sql_type: Option<&SqlType>) -> Option<Value> {
    let form = Form::for_column(ty, sql_type)?;
    let store = |value: &Value| Some(Value::from(form.store(value.as_str()?)?));
    match value {
        Value::Array(items) => {
            items.iter().map(store).collect::<Option<Vec<Value>>>().map(Value::from)
        }
        value => store(value),
    }
}

/// Returns a constant for the column of a field as SQL, where the databases store different texts.
pub(crate) fn find_constant_sql(value: &Value, field: &Field) -> Option<Sql> {
    stored_constant(value, &field.ty, field.sql_type.as_ref())?;
    let print = |dialect| print_field_constant(dialect, value, field);
    Some(Sql { postgres: print(Dialect::Postgres), sqlite: print(Dialect::Sqlite) })
}

/// Prints a constant as the default of a column: a list as the literal as which PostgreSQL keeps it.
pub(super) fn print_default_constant(
    dialect: Dialect,
    value: &Value,
    ty: &Type,
    sql_type: Option<&SqlType>,
) -> String {
    match (dialect, ty, value) {
        (Dialect::Postgres, Type::Array(element), Value::Array(items)) if element.is_scalar() => {
            dialect.literal(&postgres::print_array_text(items, element))
        }
        (Dialect::Sqlite, ty, value) => {
            let stored = stored_constant(value, ty, sql_type);
            print_constant(dialect, stored.as_ref().unwrap_or(value), ty)
        }
        _ => print_constant(dialect, value, ty),
    }
}

/// Returns a default in SQL as both databases can compute it, for a column of this type.
pub(crate) fn resolve_default(sql: &Sql, ty: &Type) -> Sql {
    let text = |dialect| {
        let known = known_default(dialect, sql, ty);
        known.unwrap_or_else(|| sql.for_dialect(dialect).to_owned())
    };
    Sql { postgres: text(Dialect::Postgres), sqlite: text(Dialect::Sqlite) }
}

/// Returns the text of a well-known default, the time or a new UUID, where the database has no such
/// function, or its function has another type. `None` if the text can stay.
pub(super) fn known_default(dialect: Dialect, sql: &Sql, ty: &Type) -> Option<String> {
    // A text for each database is what the user means.
    if sql.postgres != sql.sqlite {
        return None;
    }
    let text = sql.for_dialect(dialect);
    let word = text.trim().to_ascii_lowercase();
    let word = word.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(&word);
    const TIMES: [&str; 6] = [
        "now()",
        "current_timestamp",
        "localtimestamp",
        "transaction_timestamp()",
        "current_date",
        "current_time",
    ];
    if TIMES.contains(&word) {
        // PostgreSQL itself has a time for each type but these.
        let has_own = dialect == Dialect::Postgres && !matches!(ty, Type::Date | Type::String);
        return print_now(dialect, ty).filter(|_| !has_own);
    }
    let is_uuid = matches!(word, "gen_random_uuid()" | "uuid_generate_v4()");
    let needs_text = is_uuid && dialect == Dialect::Sqlite;
    (needs_text && matches!(ty, Type::Uuid | Type::String)).then(|| sqlite::RANDOM_UUID.to_owned())
}

/// Which rows get the same value from a default in SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Volatility {
    /// All of them.
    Constant,
    /// All rows of one statement: the time, the user.
    Stable,
    /// None: each row gets its own. A function that is not known counts as one.
    Volatile,
}

impl Field {
    /// Whether each existing row gets its own value from the default when the field is added.
    pub(crate) fn has_own_values(&self) -> bool {
        let is_volatile = |sql: &Sql| volatility(sql) == Volatility::Volatile;
        self.default_sql.as_ref().is_some_and(is_volatile)
    }
}

/// Returns which rows get the same value from a default in SQL.
pub(crate) fn volatility(sql: &Sql) -> Volatility {
    const FUNCTIONS: [&str; 6] = [
        "now",
        "transaction_timestamp",
        "statement_timestamp",
        "current_setting",
        "txid_current",
        "pg_current_xact_id",
    ];
    const WORDS: [&str; 8] = [
        "current_timestamp",
        "current_date",
        "current_time",
        "localtimestamp",
        "localtime",
        "current_user",
        "session_user",
        "user",
    ];
    // Functions of constants are constants.
    const PLAIN: [&str; 6] = ["cast", "coalesce", "date_trunc", "to_char", "timezone", "lower"];
    let words = sqltext::words(Dialect::Postgres, &sql.postgres);
    let mut found = Volatility::Constant;
    for (at, word) in words.iter().enumerate() {
        let Some(name) = word.written_name().map(|name| name.to_lowercase()) else { continue };
        let is_call = words.get(at + 1).is_some_and(|next| next.is("("));
        if WORDS.contains(&&*name) || (is_call && FUNCTIONS.contains(&&*name)) {
            found = Volatility::Stable;
        } else if is_call && !PLAIN.contains(&&*name) {
            return Volatility::Volatile;
        }
    }
    found
}

/// Prints the condition that a place has one of these names.
pub(super) fn print_one_of(dialect: Dialect, place: &Place, names: &[String]) -> String {
    let names: Vec<_> = names.iter().map(|name| dialect.literal(name)).collect();
    let place = match place {
        Place::Column(name) => dialect.ident(name),
        Place::Key(key, _) => json::print_json_text(dialect, table::DATA, key),
    };
    format!("{place} IN ({})", names.join(", "))
}

/// Prints the condition that the document has a key.
pub(super) fn print_has_key(dialect: Dialect, key: &str) -> String {
    match dialect {
        Dialect::Postgres => format!("data ? {}", dialect.literal(key)),
        Dialect::Sqlite => {
            format!("json_type(data, {}) IS NOT NULL", json::json_path(dialect, key))
        }
    }
}
