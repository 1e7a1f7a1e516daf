//! The types through which PostgreSQL casts a value for a column with its own type.
//!
//! A value travels as the type that its Rust type implies. In a comparison the cast must not change it:
//! a value that the column cannot hold is equal to no row.

use super::parameter_type;
use crate::model::types::Type;
use crate::model::{SqlKind, SqlType};

/// How a comparison with a column of the type treats a value of another type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    /// PostgreSQL compares both types as they are, without a loss.
    Direct,
    /// The value is cast to the type of the column.
    Cast,
}

/// Returns the types through which a value of a Rust type is cast to be compared with a column.
pub fn casts_to_compare(own: &SqlType, ty: &Type) -> Vec<String> {
    match comparison(ty, own.kind()) {
        Comparison::Direct => vec![parameter_type(ty)],
        Comparison::Cast => casts_to_assign(own, ty),
    }
}

/// Returns the types through which a value of a Rust type is cast to be stored in a column. The last
/// has no limits: the assignment itself refuses what does not fit.
pub fn casts_to_assign(own: &SqlType, ty: &Type) -> Vec<String> {
    let mut casts = vec![parameter_type(ty)];
    let (element, is_list) = match ty {
        Type::Array(element) if element.is_scalar() => (&**element, true),
        ty => (ty, false),
    };
    let is_fraction = matches!(element, Type::Number | Type::Float32);
    if is_fraction && matches!(own.kind().innermost(), SqlKind::Numeric(_)) {
        // The cast of a floating point number keeps 15 digits, its text keeps all.
        casts.push(if is_list { "text[]" } else { "text" }.to_owned());
    }
    casts.push(own.cast_target());
    casts
}

/// Returns whether a column of the type that the Rust type implies is compared with such a column as
/// it is.
pub fn compares_directly(own: &SqlType, ty: &Type) -> bool {
    comparison(ty, own.kind()) == Comparison::Direct || matches!(own.kind(), SqlKind::Char(_))
}

fn comparison(ty: &Type, kind: &SqlKind) -> Comparison {
    let is_whole = matches!(kind, SqlKind::SmallInt | SqlKind::Integer | SqlKind::BigInt);
    let is_direct = match ty {
        Type::Array(element) if element.is_scalar() => return Comparison::Cast,
        Type::String | Type::Enum(_) => matches!(kind, SqlKind::Text | SqlKind::Varchar(_)),
        Type::Decimal => is_whole || matches!(kind, SqlKind::Numeric(_)),
        Type::Number | Type::Float32 => matches!(kind, SqlKind::Real | SqlKind::Double),
        Type::Instant => matches!(kind, SqlKind::TimestampTz(_) | SqlKind::Date),
        Type::DateTime => matches!(kind, SqlKind::Timestamp(_) | SqlKind::Date),
        Type::Day => matches!(kind, SqlKind::Date),
        Type::Time => matches!(kind, SqlKind::Time(_)),
        Type::Uuid => matches!(kind, SqlKind::Uuid),
        Type::Boolean => matches!(kind, SqlKind::Boolean),
        Type::Bytes => matches!(kind, SqlKind::Bytea),
        ty => ty.whole_range().is_some() && (is_whole || matches!(kind, SqlKind::Numeric(_))),
    };
    if is_direct { Comparison::Direct } else { Comparison::Cast }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comparison_does_not_change_values() {
        let casts = |sql: &str, ty: &Type| {
            let own = SqlType::parse(sql).expect("a type");
            (casts_to_compare(&own, ty).join(" "), casts_to_assign(&own, ty).join(" "))
        };
        let pair = |compare: &str, assign: &str| (compare.to_owned(), assign.to_owned());
        assert_eq!(casts("varchar(5)", &Type::String), pair("text", "text character varying"));
        assert_eq!(casts("citext", &Type::String), pair("text citext", "text citext"));
        assert_eq!(casts("char(3)", &Type::String), pair("text bpchar", "text bpchar"));
        assert_eq!(casts("smallint", &Type::Bigint), pair("int8", "int8 smallint"));
        assert_eq!(
            casts("numeric(4,1)", &Type::Number),
            pair("float8 text numeric", "float8 text numeric")
        );
        assert_eq!(
            casts("numeric(4,1)[]", &Type::Array(Box::new(Type::Number))),
            pair("float8[] text[] numeric[]", "float8[] text[] numeric[]")
        );
        assert_eq!(
            casts("timestamptz(0)", &Type::Instant),
            pair("timestamptz", "timestamptz timestamp with time zone")
        );
    }
}
