//! `column(sql_type)`: whether a column of the type can store the values of the field.

use super::is_key;
use crate::code;
use crate::diagnostic::Diagnostics;
use crate::dialect;
use crate::model::types::Type;
use crate::model::{Layout, SqlKind, SqlType};
use crate::source::raw::{At, RawField, RawTable, RawType};

/// Reports a `sql_type` in a document, and one that cannot store values of a type that needs no other item of the
/// source to be known.
pub fn check_sql_type(field: &RawField, table: &RawTable, problems: &mut Diagnostics) {
    let Some((sql_type, at)) = &field.sql_type else { return };
    let is_column = table.layout == Layout::Columns || is_key(table, field);
    if !is_column {
        problems
            .report(code::LAYOUT, "`column(sql_type)` needs the layout `columns`")
            .at(*at)
            .help("a field of a document is stored as the JSON that serde writes");
        return;
    }
    if let Some(ty) = known_type(&field.ty) {
        check_cast(&ty, sql_type, *at, problems);
    }
}

/// Returns a type that needs no other item of the source to be known.
pub fn known_type(ty: &RawType) -> Option<Type> {
    match ty {
        RawType::Known(ty) => Some(ty.clone()),
        RawType::Text(_) => Some(Type::Sql),
        RawType::Named(..) => None,
        RawType::List(element) => known_type(element).map(|ty| Type::Array(Box::new(ty))),
    }
}

/// Reports a type of a column that has no cast from and to the type of the field.
pub fn check_cast(ty: &Type, sql_type: &SqlType, at: At, problems: &mut Diagnostics) {
    if dialect::can_store(ty, sql_type.kind()) {
        return;
    }
    let implied = SqlKind::for_type(ty);
    let message = format!("a column of the type `{}` cannot store `{ty}`", sql_type.as_str());
    problems.report(code::UNSUPPORTED_TYPE, message).at(at).help(format!(
        "PostgreSQL has no cast between `{implied}` and that type: change one of the two types"
    ));
}

#[cfg(test)]
mod tests {
    use crate::source::check::check_struct;
    use crate::source::parse::parse_table;

    /// What the derive says about a field of the type.
    fn refusal(ty: &str, sql_type: Option<&str>) -> Option<String> {
        let sql_type =
            sql_type.map(|ty| format!("#[column(sql_type = \"{ty}\")]")).unwrap_or_default();
        let source = format!(
            "#[table(layout = \"columns\")] struct Row {{ #[primkey] id: i64, {sql_type} value: {ty} }}"
        );
        let item = syn::parse_str(&source).expect("a struct");
        let problems = match parse_table(&item) {
            Ok(raw) => check_struct(&raw),
            Err(problems) => problems,
        };
        problems.iter().next().map(|problem| problem.message.to_string())
    }

    #[test]
    fn combinations_of_lists_and_options() {
        let (option, nested) =
            ("a list of `Option`s cannot be stored", "an `Option` of an `Option` cannot be stored");
        for element in ["String", "i64", "Vec<u8>", "Json", "IpAddr", "Range<i32>", "Other"] {
            for (ty, refused) in [
                (format!("Vec<{element}>"), None),
                (format!("Option<Vec<{element}>>"), None),
                (format!("Vec<Vec<{element}>>"), None),
                (format!("Vec<Option<{element}>>"), Some(option)),
                (format!("Option<Vec<Option<{element}>>>"), Some(option)),
                (format!("Vec<Vec<Option<{element}>>>"), Some(option)),
                (format!("Option<Option<{element}>>"), Some(nested)),
            ] {
                assert_eq!(refusal(&ty, None).as_deref(), refused, "{ty}");
                // A type of the column does not make them possible.
                if refused.is_some() {
                    assert_eq!(refusal(&ty, Some("text[]")).as_deref(), refused, "{ty}");
                }
            }
        }
    }

    #[test]
    fn column_types_of_lists() {
        for (ty, sql_type, is_stored) in [
            ("Vec<u64>", "numeric(20)[]", true),
            ("Vec<Vec<u8>>", "bytea[]", true),
            ("Vec<String>", "inet[]", true),
            ("Vec<String>", "text", true),
            ("Vec<i32>", "bigint[]", true),
            ("Vec<f32>", "vector", true),
            ("Vec<Json>", "jsonb", true),
            ("Vec<Vec<i32>>", "jsonb", true),
            ("Vec<Json>", "jsonb[]", false),
            ("Vec<Vec<i32>>", "integer[]", false),
            ("Vec<i32>", "integer", false),
            ("Vec<i32>", "uuid[]", false),
            ("Vec<bool>", "timestamptz[]", false),
            ("i32", "integer[]", false),
        ] {
            let refused = refusal(ty, Some(sql_type));
            assert_eq!(refused.is_none(), is_stored, "{ty} as {sql_type}: {refused:?}");
        }
    }
}
