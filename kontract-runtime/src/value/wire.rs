//! The form in which a column is sent: which variant of [`Datum`](crate::value::datum::Datum) it
//! has.

use kontract_schema::stored_text::Form;
use kontract_schema::{Field, Type};

/// The variant of a column, or of the elements of its list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scalar {
    Bool,
    I16,
    I32,
    I64,
    F32,
    F64,
    Text,
    Bytes,
    Uuid,
    Json,
    Decimal,
    Instant,
    DateTime,
    Day,
    Time,
    /// A text that SQLite keeps in another form.
    Stored(Form),
    /// A text of a type whose values have several texts, that SQLite keeps as PostgreSQL prints it.
    Printed(Form),
}

/// The number of values of a column or parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    One,
    /// A column that is a list: a native array on PostgreSQL, JSON on SQLite.
    List,
    /// Several values for one parameter: an array on PostgreSQL, a table-valued function on SQLite.
    Many,
}

/// The form in which a column is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wire {
    pub(crate) scalar: Scalar,
    pub(crate) shape: Shape,
}

impl Wire {
    /// Creates the form of a single value.
    pub(crate) const fn one(scalar: Scalar) -> Wire {
        Wire { scalar, shape: Shape::One }
    }

    /// Returns the form of several values for one parameter.
    pub(crate) const fn many(self) -> Wire {
        Wire { shape: Shape::Many, ..self }
    }

    /// Returns whether PostgreSQL stores an array.
    pub(crate) fn is_list(self) -> bool {
        self.shape != Shape::One
    }

    /// Returns the form of the column of a field.
    pub(crate) fn for_field(field: &Field) -> Wire {
        let wire = Wire::for_type(&field.ty);
        if let Some(form) = Form::for_column(&field.ty, field.sql_type.as_ref()) {
            return Wire { scalar: Scalar::Stored(form), ..wire };
        }
        let own = field.sql_type.as_ref().filter(|_| wire.scalar == Scalar::Text);
        match own.and_then(|own| Form::for_kind(own.kind().innermost())) {
            Some(form) => Wire { scalar: Scalar::Printed(form), ..wire },
            None => wire,
        }
    }

    /// Returns the form of a column of that type.
    pub(crate) fn for_type(ty: &Type) -> Wire {
        match ty {
            Type::Array(element) if element.is_scalar() => {
                Wire { shape: Shape::List, ..Wire::for_type(element) }
            }
            Type::Boolean => Wire::one(Scalar::Bool),
            Type::Int8 | Type::Int16 | Type::Uint8 => Wire::one(Scalar::I16),
            Type::Int32 | Type::Uint16 => Wire::one(Scalar::I32),
            Type::Bigint | Type::Date | Type::Uint32 => Wire::one(Scalar::I64),
            Type::Float32 => Wire::one(Scalar::F32),
            Type::Number => Wire::one(Scalar::F64),
            Type::String | Type::Enum(_) | Type::Sql => Wire::one(Scalar::Text),
            Type::Bytes => Wire::one(Scalar::Bytes),
            Type::Uuid => Wire::one(Scalar::Uuid),
            Type::Json | Type::Object(_) | Type::Array(_) => Wire::one(Scalar::Json),
            Type::Decimal => Wire::one(Scalar::Decimal),
            Type::Instant => Wire::one(Scalar::Instant),
            Type::DateTime => Wire::one(Scalar::DateTime),
            Type::Day => Wire::one(Scalar::Day),
            Type::Time => Wire::one(Scalar::Time),
        }
    }
}
