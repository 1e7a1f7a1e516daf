//! The default of a column as an attribute.

use super::rust;
use super::table::{FieldSource, TableSource};
use crate::catalog::normal::{self, NormalDefault};
use crate::dialect::{self, Dialect};
use crate::model::types::Type;
use crate::sqltext::expression;

/// The word and the arguments of the attribute for a default, if one is needed.
pub(super) type DefaultAttribute = Result<Option<(&'static str, Vec<String>)>, String>;

impl TableSource<'_> {
    /// Returns the attribute for the default, its word and arguments.
    ///
    /// # Errors
    /// The reason why it cannot be taken over.
    pub(super) fn default_attribute(&self, field: &FieldSource<'_>) -> DefaultAttribute {
        let Some(text) = field.column.default.as_deref() else { return Ok(None) };
        let why = |why: &str| Err(format!("default `{text}` of `{}`: {why}", field.name));
        if text.eq_ignore_ascii_case("null") || text.to_ascii_lowercase().starts_with("null::") {
            return Ok(None);
        }
        if self.table.key.iter().any(|key| key == field.name) {
            return why("a key has no default, the program gives its values");
        }
        let ty = match self.dialect {
            Dialect::Postgres => normal::normalize_type(&field.column.ty),
            Dialect::Sqlite => normal::find_affinity(&field.column.ty),
        };
        let NormalDefault::Constant(value) = normal::normalize_default(self.dialect, text, &ty)
        else {
            let now = dialect::print_now(self.dialect, &field.ty.ty);
            if !field.optional
                && now.is_some_and(|now| expression::have_same_meaning(self.dialect, text, &now))
            {
                let word = if field.name.contains("updat") || field.name.contains("modif") {
                    "updated_at"
                } else {
                    "created_at"
                };
                return Ok(Some((word, Vec::new())));
            }
            return why("it is an expression, and Kontract itself sets every value");
        };
        let literal = match (&field.variants, &field.ty.ty) {
            (Some((ident, variants)), _) => variants
                .iter()
                .find(|(_, stored)| *stored == value)
                .map(|(variant, _)| format!("{ident}::{variant}")),
            (None, Type::String) => Some(rust::print_literal(&value)),
            (None, Type::Boolean) => match value.as_str() {
                "1" => Some("true".to_owned()),
                "0" => Some("false".to_owned()),
                _ => None,
            },
            (None, Type::Number | Type::Float32) => {
                value.parse::<f64>().ok().filter(|number| number.is_finite()).map(|_| value.clone())
            }
            (None, ty) if ty.whole_range().is_some() => {
                value.parse::<i64>().ok().map(|number| number.to_string())
            }
            _ => None,
        };
        match literal {
            Some(literal) => Ok(Some(("default", vec![literal]))),
            None => why("a Rust field of this type has no default"),
        }
    }
}
