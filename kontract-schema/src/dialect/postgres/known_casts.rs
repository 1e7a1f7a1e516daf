//! Which casts PostgreSQL has. <https://www.postgresql.org/docs/current/catalog-pg-cast.html>

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
