//! Which casts PostgreSQL has. <https://www.postgresql.org/docs/current/catalog-pg-cast.html>

#[cfg(feature = "parse")]
use crate::model::types::Type;
use crate::model::{SqlKind, SqlType};
use crate::sql::ddl::ColumnKind;

use SqlKind::*;

/// Whether a column of one kind can be cast to another.
pub fn can_cast(from: &ColumnKind, to: &ColumnKind) -> bool {
    match (kind_of(from), kind_of(to)) {
        (Some(from), Some(to)) => has_cast(&from, &to),
        _ => true,
    }
}

/// Whether values of a type can be stored in a column of another kind than the type implies, and read
/// again: there are casts in both directions. Those of a type that is not built in are not known.
#[cfg(feature = "parse")]
pub fn can_store(ty: &Type, kind: &SqlKind) -> bool {
    let implied = SqlKind::for_type(ty);
    let is_list = |kind: &SqlKind| matches!(kind, Array(_));
    match kind.innermost() {
        // A domain may be one of an array.
        Named { .. } => !is_list(kind) || is_list(&implied) || implied == Text,
        _ => has_cast(&implied, kind) && has_cast(kind, &implied),
    }
}

fn kind_of(column: &ColumnKind) -> Option<SqlKind> {
    match column {
        ColumnKind::Field { sql_type: Some(own), .. } => Some(SqlType::kind(own).clone()),
        ColumnKind::Field { ty, sql_type: None } => Some(SqlKind::for_type(ty)),
        _ => None,
    }
}

/// Whether there is a cast between two types. A type that is not built in may have casts of its own to
/// others; every type has one to and from text.
fn has_cast(from: &SqlKind, to: &SqlKind) -> bool {
    // Integers have casts to and from `bit`, and none to `bit varying`.
    if let (Integer | BigInt, Bit(_)) | (Bit(_), Integer | BigInt) = (from, to) {
        return true;
    }
    let (from, to) = (from.without_limits(), to.without_limits());
    let is_text = |kind: &SqlKind| matches!(kind, Text | Varchar(_) | Char(_) | Citext);
    if from == to || is_text(&from) || is_text(&to) {
        return true;
    }
    let is_whole = |kind: &SqlKind| matches!(kind, SmallInt | Integer | BigInt);
    let is_number = |kind: &SqlKind| is_whole(kind) || matches!(kind, Real | Double | Numeric(_));
    match (&from, &to) {
        (Named { .. }, Named { .. }) => false,
        (Array(from), Array(to)) => has_cast(from, to),
        (Array(element), Vector(_)) | (Vector(_), Array(element)) => **element == Real,
        (Boolean, Integer) | (Integer, Boolean) => true,
        (Date, Timestamp(_) | TimestampTz(_)) | (Timestamp(_), Date | Time(_) | TimestampTz(_)) => {
            true
        }
        (TimestampTz(_), Date | Time(_) | TimeTz(_) | Timestamp(_)) => true,
        (Time(_), Interval(_) | TimeTz(_)) | (Interval(_) | TimeTz(_), Time(_)) => true,
        (Json, Jsonb) | (Jsonb, Json) | (Inet, Cidr) | (Cidr, Inet) => true,
        (Macaddr, Macaddr8) | (Macaddr8, Macaddr) | (Hstore, Json | Jsonb) => true,
        (Jsonb, Boolean) => true,
        (Jsonb, to) if is_number(to) => true,
        (Range(from), Multirange(to)) => from == to,
        (from, to) => is_number(from) && is_number(to),
    }
}

#[cfg(all(test, feature = "parse"))]
mod tests {
    use super::*;

    #[test]
    fn columns_that_store_a_type() {
        let list = |ty| Type::Array(Box::new(ty));
        for (ty, sql_type, stores) in [
            (Type::String, "jsonb", true),
            (Type::String, "int[]", true),
            (Type::Int32, "numeric(4)", true),
            (Type::Int32, "grams", true),
            (Type::Int32, "uuid", false),
            (Type::Uuid, "text", true),
            (Type::Date, "timestamptz", false),
            (Type::Boolean, "numeric", false),
            (Type::Bytes, "bit(3)", false),
            (Type::Sql, "macaddr", true),
            (list(Type::Sql), "numeric(20)[]", true),
            (list(Type::String), "citext[]", true),
            (list(Type::String), "text", true),
            (list(Type::String), "jsonb", false),
            (list(Type::String), "labels", true),
            (list(Type::Int32), "labels[]", true),
            (list(Type::Int32), "integer", false),
            (list(Type::Int32), "uuid[]", false),
            (Type::Int32, "integer[]", false),
            (Type::Int32, "labels[]", false),
            (list(list(Type::Int32)), "json", true),
        ] {
            let kind = SqlType::parse(sql_type).expect("a type");
            assert_eq!(can_store(&ty, kind.kind()), stores, "{ty} as {sql_type}");
        }
    }
}
