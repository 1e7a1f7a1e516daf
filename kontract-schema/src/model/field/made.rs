//! Values that the database makes: defaults, identities, generated columns.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Field;
use crate::model::{Sql, SqlKind, SqlType, Type};

/// How the database computes a column from others of its row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Generated {
    /// The expression.
    pub sql: Sql,
    /// Whether the row stores the value. A virtual one is computed when it is read.
    pub stored: bool,
}

/// The value of rows that give none.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldDefault {
    /// [`Field::default`].
    Constant(Value),
    /// [`Field::default_sql`].
    Sql(Sql),
}

impl Field {
    /// Returns the default, a constant or SQL.
    pub fn default_value(&self) -> Option<FieldDefault> {
        let constant = || self.default.clone().map(FieldDefault::Constant);
        self.default_sql.clone().map(FieldDefault::Sql).or_else(constant)
    }

    /// Sets the default.
    pub fn set_default(&mut self, default: Option<FieldDefault>) {
        (self.default, self.default_sql) = match default {
            None => (None, None),
            Some(FieldDefault::Constant(value)) => (Some(value), None),
            Some(FieldDefault::Sql(sql)) => (None, Some(sql)),
        };
    }

    /// Whether the default is a literal of Rust, so that the program knows its value.
    pub fn has_literal_default(&self) -> bool {
        self.default.is_some() && has_literals(&self.ty)
    }

    /// Whether the value of a row that gives none is made by the database, in a table of the columns
    /// layout, and the program does not know it.
    pub fn is_made(&self) -> bool {
        self.identity
            || self.default_sql.is_some()
            || (self.default.is_some() && !self.has_literal_default())
    }

    /// Whether the column may store a value in another form than the given one, as only the database
    /// knows: normalized. What its limits cut or round is known without it.
    pub fn stored_may_differ(&self) -> bool {
        let is_named = |kind: &SqlKind| matches!(kind, SqlKind::Named { .. });
        match self.sql_type.as_ref().map(SqlType::kind) {
            None => false,
            Some(kind) if matches!(self.ty, Type::Enum(_)) && is_named(kind) => false,
            Some(kind) => normalizes(kind, &self.ty),
        }
    }

    /// Whether a row may omit the field: `None`, a default or a time is its value then, or the
    /// database computes it.
    pub fn may_be_omitted(&self) -> bool {
        self.optional
            || self.default_value().is_some()
            || self.stamp.is_some()
            || self.identity
            || self.generated.is_some()
    }
}

/// Whether values of the type are literals of Rust. Values of the others are written as text.
pub fn has_literals(ty: &Type) -> bool {
    ty.whole_range().is_some()
        || matches!(ty, Type::String | Type::Boolean | Type::Number | Type::Float32 | Type::Enum(_))
}

/// Whether a column of this kind normalizes values of the type.
fn normalizes(kind: &SqlKind, ty: &Type) -> bool {
    match kind {
        SqlKind::Interval(_)
        | SqlKind::Inet
        | SqlKind::Cidr
        | SqlKind::Macaddr
        | SqlKind::Macaddr8
        | SqlKind::Range(_)
        | SqlKind::Multirange(_)
        | SqlKind::TsVector
        | SqlKind::TsQuery
        | SqlKind::Hstore
        | SqlKind::Vector(_)
        | SqlKind::TimeTz(_)
        | SqlKind::Named { .. } => true,
        SqlKind::Uuid => *ty != Type::Uuid,
        SqlKind::VarBit(_) => *ty == Type::String,
        SqlKind::Date | SqlKind::Numeric(None) => *ty == Type::String,
        SqlKind::Time(_) | SqlKind::Timestamp(_) | SqlKind::TimestampTz(_) => *ty == Type::String,
        SqlKind::Array(element) => match ty {
            Type::Array(ty) => normalizes(element, ty),
            _ => true,
        },
        _ => false,
    }
}
