//! What the database puts into a column, as an attribute: its default, or the expression of a
//! generated column.

use super::rust;
use super::table::{FieldSource, TableSource};
use crate::catalog::IndexPart;
use crate::catalog::normal::{self, NormalDefault};
use crate::dialect::{self, Dialect};
use crate::model::SqlType;
use crate::model::types::Type;
use crate::sqltext::expression;

/// The word and the arguments of the attribute for a default, if one is needed.
pub(super) type DefaultAttribute = Result<Option<(&'static str, Vec<String>)>, String>;

impl TableSource<'_> {
    /// Returns whether the database numbers the rows of the table by this field, which is its key or the
    /// first such field of it.
    pub(super) fn is_identity(&self, field: &FieldSource<'_>) -> bool {
        let key = self.table.key.iter().filter_map(|column| self.find_field(column));
        key.filter(|field| self.is_numbered_key(field)).map(|field| field.name).next()
            == Some(field.name)
    }

    fn is_numbered_key(&self, field: &FieldSource<'_>) -> bool {
        let is_integer = matches!(field.ty.ty, Type::Int16 | Type::Int32 | Type::Bigint);
        let is_numbered = match self.dialect {
            Dialect::Postgres => field.column.is_numbered(),
            // The type of a key that is the row's own number.
            Dialect::Sqlite => {
                field.column.ty.eq_ignore_ascii_case("integer")
                    && (self.table.key.len() == 1 || self.has_number_index(field))
            }
        };
        is_integer && is_numbered && !self.refers(field.name)
    }

    /// Returns whether a field has the index of a number that each INSERT computes.
    fn has_number_index(&self, field: &FieldSource<'_>) -> bool {
        let index = self.table.indexes.get(&self.own_index_name("number"));
        let column = IndexPart::Column(field.name.to_owned());
        index.is_some_and(|index| index.parts == [column])
    }

    /// Returns the attribute for the default, its word and arguments.
    ///
    /// # Errors
    /// The reason why it cannot be taken over.
    pub(super) fn default_attribute(&self, field: &FieldSource<'_>) -> DefaultAttribute {
        let Some(text) = field.column.default.as_deref() else { return Ok(None) };
        if self.is_identity(field) {
            return Ok(None);
        }
        if let Some((expression, stored)) = field.column.expression() {
            let mut list = self.own_text(expression, false).print_arguments();
            list.extend((!stored).then(|| "virtual".to_owned()));
            return Ok(Some(("generated", list)));
        }
        if field.column.is_numbered() {
            return Err(format!(
                "default `{text}` of `{}`: only a key can be numbered by the database",
                field.name
            ));
        }
        if text.eq_ignore_ascii_case("null") || text.to_ascii_lowercase().starts_with("null::") {
            return Ok(None);
        }
        let ty = match self.dialect {
            Dialect::Postgres => normal::normalize_type(&field.column.ty),
            Dialect::Sqlite => normal::find_affinity(&field.column.ty),
        };
        match normal::normalize_default(self.dialect, text, &ty) {
            NormalDefault::Constant(value) => Ok(Some(self.constant_default(field, text, &value))),
            NormalDefault::Expression(_) => Ok(Some(self.computed_default(field, text))),
        }
    }

    /// Returns the attribute with its text for this database only: rows have NULL on the other one.
    pub(super) fn own_default(
        &self,
        (word, mut arguments): (&'static str, Vec<String>),
    ) -> (&'static str, Vec<String>) {
        let text = match arguments.first() {
            Some(first) if first.starts_with("postgres = ") => None,
            Some(first) if word == "generated" => Some(first.clone()),
            Some(first) => first.strip_prefix("sql = ").map(str::to_owned),
            None => None,
        };
        if let Some(text) = text {
            arguments.remove(0);
            let (postgres, sqlite) = match self.dialect {
                Dialect::Postgres => (text.as_str(), "\"NULL\""),
                Dialect::Sqlite => ("\"NULL\"", text.as_str()),
            };
            let own = [format!("postgres = {postgres}"), format!("sqlite = {sqlite}")];
            arguments.splice(0..0, own);
        }
        (word, arguments)
    }

    /// Returns the attribute for a constant: a literal, or SQL where Rust has no literals.
    fn constant_default(
        &self,
        field: &FieldSource<'_>,
        text: &str,
        value: &str,
    ) -> (&'static str, Vec<String>) {
        let is_key = self.table.key.iter().any(|key| key == field.name);
        let is_list = matches!(field.ty.ty, Type::Array(_));
        let variants = field.variants.as_ref().or(field.native.filter(|_| !is_list));
        let literal = match (variants, &field.ty.ty) {
            // The program gives the values of keys.
            _ if is_key => None,
            (Some((ident, variants)), _) => variants
                .iter()
                .find(|(_, stored)| *stored == value)
                .map(|(variant, _)| format!("{ident}::{variant}")),
            (None, Type::String | Type::Sql) if self.is_cast_to(text, &field.column.ty) => {
                Some(rust::print_literal(value))
            }
            (None, Type::Boolean) => match value {
                "1" => Some("true".to_owned()),
                "0" => Some("false".to_owned()),
                _ => None,
            },
            (None, Type::Number | Type::Float32) => {
                value.parse::<f64>().ok().filter(|number| number.is_finite()).map(|_| value.into())
            }
            (None, Type::Array(_)) if value == "{}" => Some("\"[]\"".to_owned()),
            (None, ty) if ty.whole_range().is_some() => {
                value.parse::<i64>().ok().map(|number| number.to_string())
            }
            _ => None,
        };
        match literal {
            Some(literal) => ("default", vec![literal]),
            None if field.ty.ty == Type::Json && self.dialect == Dialect::Postgres => {
                ("default", each_database(text, &Dialect::Sqlite.literal(value)))
            }
            // Without its cast to another type of texts it would be another default in the catalogue.
            None if field.ty.ty == Type::String && !is_key && self.dialect == Dialect::Postgres => {
                ("default", each_database(text, &Dialect::Sqlite.literal(value)))
            }
            None => ("default", self.print_sql_default(text)),
        }
    }

    /// Returns the attribute for an expression.
    fn computed_default(&self, field: &FieldSource<'_>, text: &str) -> (&'static str, Vec<String>) {
        let now = dialect::print_now(self.dialect, &field.ty.ty);
        if !field.optional
            && field.ty.sql_type.is_none()
            && now.is_some_and(|now| expression::have_same_meaning(self.dialect, text, &now))
        {
            let is_change = field.name.contains("updat") || field.name.contains("modif");
            return (if is_change { "updated_at" } else { "created_at" }, Vec::new());
        }
        let text = expression::strip_brackets(self.dialect, text);
        let upper = text.to_ascii_uppercase();
        // One text would be that of PostgreSQL, and another one on SQLite.
        if self.dialect == Dialect::Sqlite && upper.starts_with("CURRENT_") {
            return ("default", each_database("now()", text));
        }
        ("default", self.print_sql_default(text))
    }

    /// Returns the arguments for SQL: one text, or one for each database if they write it in different ways.
    fn print_sql_default(&self, text: &str) -> Vec<String> {
        // A cast decides whether it is a value of the column's type.
        let texts = self.own_text(text, false).with_own(text);
        match (&texts.print_arguments()[..], texts.has_other()) {
            ([one], true) => vec![format!("sql = {one}")],
            (each, true) => each.to_vec(),
            _ => vec![format!("sql = {}", rust::print_literal(text))],
        }
    }

    /// Returns whether a constant has no cast, or one to the type of its column.
    fn is_cast_to(&self, text: &str, ty: &str) -> bool {
        let cast = text.rsplit_once("'::").map(|(_, cast)| cast);
        let base = |ty: &str| SqlType::from_text(ty).kind().without_limits();
        self.dialect == Dialect::Sqlite || cast.is_none_or(|cast| base(cast) == base(ty))
    }

    /// Returns whether a foreign key starts at this column alone.
    fn refers(&self, column: &str) -> bool {
        self.table.references.iter().any(|key| key.columns == [column])
    }
}

/// Returns the arguments for a text of each database.
fn each_database(postgres: &str, sqlite: &str) -> Vec<String> {
    let argument = |(name, text)| format!("{name} = {}", rust::print_literal(text));
    [("postgres", postgres), ("sqlite", sqlite)].map(argument).to_vec()
}
