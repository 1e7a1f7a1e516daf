//! Conversions on PostgreSQL: casts, which fail if a value does not fit.

use super::known_casts::can_cast;
use super::{HERE, column_type, document_type, print_column_type};
use crate::dialect::conversion::{Conversion, has_forms, same_json};
use crate::model::types::Type;
use crate::model::widening::{holds_all_of, widens};
use crate::sql::ddl::ColumnKind;

use Conversion::{By, Checked, Same, Unknown};

/// Converts the value of a column to the kind of another column.
pub fn convert_column(value: &str, from: &ColumnKind, to: &ColumnKind) -> Conversion {
    match (from, to) {
        (
            ColumnKind::Field { ty: from, sql_type: None },
            ColumnKind::Field { ty: to, sql_type: None },
        ) => convert_value(value, from, to),
        _ if print_column_type(from) == print_column_type(to) => Same,
        // There is no cast between two enum types.
        (ColumnKind::Field { ty: Type::Enum(_), sql_type: Some(_) }, to) => {
            let to = print_column_type(to);
            By(if to == "TEXT" { format!("{value}::TEXT") } else { format!("{value}::TEXT::{to}") })
        }
        (ColumnKind::Field { ty: Type::Array(element), sql_type: Some(_) }, to)
            if matches!(**element, Type::Enum(_)) =>
        {
            let to = print_column_type(to);
            let texts = format!("{value}::TEXT[]");
            By(if to == "TEXT[]" { texts } else { format!("{texts}::{to}") })
        }
        _ if can_cast(from, to) => By(format!("{value}::{}", print_column_type(to))),
        _ => Unknown,
    }
}

/// Converts between types that Kontract chose. The expression has no subquery: `USING` refuses them.
fn convert_value(value: &str, from: &Type, to: &Type) -> Conversion {
    use Type::*;
    let name = column_type(to);
    let cast = || By(format!("{value}::{name}"));
    match (from, to) {
        _ if holds_all_of(to, from) => Same,
        (Array(from), Array(to)) => convert_list(value, from, to, &name),
        (Json, _) | (_, Object(_)) => Unknown,
        (String, Json) => cast(),
        (Object(_), Json) => Same,
        (Array(of), Json) if !of.is_scalar() => Same,
        (from, Json) if !has_forms(from) => By(format!("to_jsonb({value})")),
        (_, Json) => Unknown,
        (Array(from), to) => convert_first(value, from, to),
        (from, Array(to)) => list_of_one(value, from, to),
        (String | Enum(_), Enum(_)) | (Enum(_), String) => Same,
        (Bytes, String) => By(format!("convert_from({value}, 'UTF8')")),
        (String, Bytes) => By(format!("convert_to({value}, 'UTF8')")),
        (Bytes, _) | (_, Bytes) | (Object(_), _) => Unknown,
        (_, String) => cast(),
        (String, to) if to.whole_range().is_some() => {
            if is_guarded(to) {
                convert_fitting(&format!("{value}::BIGINT"), to)
            } else {
                cast()
            }
        }
        (String, _) => cast(),
        (Boolean, Int32 | Uint16) => cast(),
        (Boolean, to) if is_number(to) => By(format!("{value}::INTEGER::{name}")),
        (from, Boolean) if is_number(from) => By(format!("{value} <> 0")),
        (Date, Instant) => By(format!("to_timestamp({value} / 1000.0)")),
        (Date, DateTime | Day | Time) => {
            By(format!("(to_timestamp({value} / 1000.0) AT TIME ZONE 'UTC')::{name}"))
        }
        (Instant | DateTime | Day, Date) => {
            By(format!("(extract(epoch FROM {value}) * 1000)::{name}"))
        }
        (Instant, DateTime) => By(format!("{value} AT TIME ZONE 'UTC'")),
        (Instant, Day | Time) => By(format!("({value} AT TIME ZONE 'UTC')::{name}")),
        (DateTime, Instant) => By(format!("{value} AT TIME ZONE 'UTC'")),
        (Day, Instant) => By(format!("{value}::TIMESTAMP AT TIME ZONE 'UTC'")),
        (DateTime, Day | Time) | (Day, DateTime) => cast(),
        (from, to) if widens(to, from) && column_type(from) == name => Same,
        (from, to) if widens(to, from) => cast(),
        (Number | Float32, Decimal) => By(format!("{value}::TEXT::NUMERIC")),
        (from, to) if from.whole_range().is_some() && is_guarded(to) => convert_fitting(value, to),
        (from, to) if is_fraction(from) && to.whole_range().is_some() => {
            convert_to_whole(value, to)
        }
        (from, to) if is_number(from) && is_number(to) => {
            if column_type(from) == name {
                Same
            } else {
                cast()
            }
        }
        _ => Unknown,
    }
}

/// Converts a list in a native array or in JSON.
fn convert_list(value: &str, from: &Type, to: &Type, name: &str) -> Conversion {
    let by_text = |ty: &Type| {
        let known = matches!(ty, Type::String | Type::Enum(_) | Type::Uuid | Type::Boolean);
        known || is_number(ty)
    };
    let is_known = match (from, to) {
        (_, Type::Enum(_)) => false, // no constraint looks into lists
        (Type::Boolean, to) => *to == Type::String,
        (from, Type::Boolean) => *from == Type::String,
        _ => !is_guarded(to) || widens(to, from),
    };
    if by_text(from) && by_text(to) && is_known {
        By(format!("{value}::TEXT[]::{name}"))
    } else {
        Unknown
    }
}

fn convert_first(value: &str, from: &Type, to: &Type) -> Conversion {
    let one = match column_type(&Type::Array(Box::new(from.clone()))).as_str() {
        "JSONB" => format!("({value}->0)"),
        _ => format!("{value}[1]"),
    };
    convert_value(&one, from, to).wrap(&one, |one| one)
}

fn list_of_one(value: &str, from: &Type, to: &Type) -> Conversion {
    if matches!(to, Type::Enum(_)) && !holds_all_of(to, from) {
        return Unknown;
    }
    let list = column_type(&Type::Array(Box::new(to.clone())));
    convert_value(value, from, to).wrap(value, |one| {
        let made = match list.as_str() {
            "JSONB" => format!("jsonb_build_array({one})"),
            _ => format!("ARRAY[{one}]"),
        };
        // NULL is not an empty list.
        format!("CASE WHEN {value} IS NOT NULL THEN {made} END")
    })
}

/// Converts to a whole number. For one that does not fit it casts a text, which fails.
fn convert_fitting(value: &str, to: &Type) -> Conversion {
    let Some((least, most)) = to.whole_range() else { return Unknown };
    let name = column_type(to);
    Checked(format!(
        "CASE WHEN {value} BETWEEN {least} AND {most} THEN ({value})::{name} \
         ELSE ({value} || ' is no {to}')::{name} END"
    ))
}

/// Converts to a number without a fraction; fails if it has one or does not fit.
fn convert_to_whole(value: &str, to: &Type) -> Conversion {
    let Some((least, most)) = to.whole_range() else { return Unknown };
    let name = column_type(to);
    let fits = if is_guarded(to) {
        format!(" AND {value} BETWEEN {least} AND {most}")
    } else {
        std::string::String::new()
    };
    Checked(format!(
        "CASE WHEN {value} = trunc({value}){fits} THEN {value}::{name} \
         ELSE ({value} || ' is no {to}')::{name} END"
    ))
}

/// Whether the column allows more values than the type.
fn is_guarded(ty: &Type) -> bool {
    matches!(ty, Type::Int8 | Type::Uint8 | Type::Uint16 | Type::Uint32)
}

fn is_number(ty: &Type) -> bool {
    ty.whole_range().is_some() || is_fraction(ty)
}

fn is_fraction(ty: &Type) -> bool {
    matches!(ty, Type::Number | Type::Float32 | Type::Decimal)
}

/// Converts the value of a key of `data`, as JSON.
pub fn convert_key(key: &str, from: &Type, to: &Type) -> Conversion {
    convert_json(&format!("data->{}", HERE.literal(key)), from, to)
}

/// Converts a JSON value.
fn convert_json(value: &str, from: &Type, to: &Type) -> Conversion {
    match (from, to) {
        _ if same_json(from, to) => Same,
        (Type::Array(from), Type::Array(to)) => convert_json("e", from, to).wrap("e", |element| {
            format!(
                "CASE WHEN jsonb_typeof({value}) = 'array' THEN (SELECT \
                 coalesce(jsonb_agg({element} ORDER BY n), '[]') FROM jsonb_array_elements({value}) \
                 WITH ORDINALITY AS list (e, n)) ELSE {value} END"
            )
        }),
        (Type::Array(from), to) => {
            let one = format!("({value}->0)");
            convert_json(&one, from, to).wrap(&one, |one| one)
        }
        (from, Type::Array(to)) => convert_json(value, from, to).wrap(value, |one| {
            format!(
                "CASE WHEN jsonb_typeof({value}) <> 'null' THEN jsonb_build_array({one}) \
                 ELSE {value} END"
            )
        }),
        (Type::Json | Type::Object(_), _) | (_, Type::Object(_) | Type::Enum(_)) => Unknown,
        _ if has_forms(from) || has_forms(to) => Unknown,
        _ => {
            let text = format!("({value} #>> '{{}}')::{}", document_type(from));
            convert_value(&text, from, to)
                .wrap(&text, |made| format!("to_jsonb({})", print_in_json(&made, to)))
        }
    }
}

/// Prints a value for JSON, where decimals are texts.
fn print_in_json(value: &str, ty: &Type) -> String {
    match ty {
        Type::Decimal => format!("({value})::TEXT"),
        Type::Array(element) if **element == Type::Decimal => format!("({value})::TEXT[]"),
        _ => value.to_owned(),
    }
}

/// Converts the value of a column to JSON.
pub fn to_json(column: &str, ty: &Type) -> String {
    match column_type(ty).as_str() {
        "JSONB" => column.to_owned(),
        _ => format!("to_jsonb({})", print_in_json(column, ty)),
    }
}

/// Converts a value that the user wrote for a key to JSON. The user writes bytes as JSON, because they
/// have two forms, and types that are text in JSON as text.
pub fn print_given(value: &str, ty: &Type) -> String {
    match (ty, document_type(ty)) {
        (Type::Bytes, _) | (_, "jsonb") => format!("({value})::jsonb"),
        (_, as_type @ ("boolean" | "bigint" | "double precision")) => {
            format!("to_jsonb(({value})::{as_type})")
        }
        _ => format!("to_jsonb(({value})::text)"),
    }
}

/// Converts the value of a key of `data` to a column. An absent list becomes an empty one.
pub fn from_json(key: &str, to: &ColumnKind, not_null: bool) -> String {
    let json = format!("data->{}", HERE.literal(key));
    match to {
        ColumnKind::Field { ty: Type::Array(element), sql_type: None } if element.is_scalar() => {
            let otherwise = if not_null { " ELSE '{}'" } else { "" };
            format!(
                "CASE WHEN jsonb_typeof({json}) = 'array' THEN \
                 ARRAY(SELECT jsonb_array_elements_text({json}))::{}{otherwise} END",
                print_column_type(to)
            )
        }
        ColumnKind::Field { ty: Type::Array(_), sql_type: None } if not_null => {
            format!("coalesce(nullif({json}, 'null'), '[]')")
        }
        ColumnKind::Field { ty: Type::Json, sql_type: None } if not_null => json,
        ColumnKind::Field { ty: Type::Json | Type::Object(_) | Type::Array(_), sql_type: None } => {
            format!("nullif({json}, 'null')")
        }
        _ => format!("(data->>{})::{}", HERE.literal(key), print_column_type(to)),
    }
}
