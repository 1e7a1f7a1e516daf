//! Changes of a type: Y1 to Y38 and E9. P2, for a field of the primary key, is in `key.rs`.
//!
//! By default a change of a type is refused, also to a wider one; the verdict says how serious it is,
//! and `allow_widening` lets wider ones pass. It passes if only the type of the column has wider limits. Variants of enums and members of nested documents have their own rules.

mod widening;

use self::widening::is_widening;
pub(super) use self::widening::{describe_widening, is_free_on_sqlite, widened_key};
use super::enum_variants::both_enums;
use super::texts::{CATALOGUE, CONVERT, NOTHING, REBUILD, REWRITE, WIDEN};
use super::{Context, Finding, Rule, Verdict};
use crate::change::{Change, Fact, Shape};
use crate::code;
use crate::model::SqlKind;
use crate::model::types::Type;

use Verdict::{Dangerous, Lock, Loss, Safe};

/// The rules: of each its title and reason, and what differs from the usual: PostgreSQL rewrites the
/// table, SQLite rebuilds it, and the user keeps the type or converts the values.
macro_rules! conversions {
    ($(
        $id:literal $name:ident $level:ident: $title:literal, $why:literal;
        $(postgres: $postgres:expr;)?
        $(sqlite: $sqlite:expr;)?
        $(fix: $fix:expr;)?
    )*) => {
        pub(super) const RULES: &[Rule] = rules! {
            $($id $name $level: $title;
                why: $why;
                postgres: or!(REWRITE $(, $postgres)?);
                sqlite: or!(REBUILD $(, $sqlite)?);
                fix: or!(CONVERT $(, $fix)?);
                judge: |change, context| judge_conversion($id, change, context);)*
        };
    };
}

conversions! {
    "Y1" type_no_wider_integer Deny: "a wider integer", "Every value fits.";
        sqlite: "No statement runs on the way forward: all integers have 64 bits.";
        fix: WIDEN;
    "Y2" type_no_narrower_integer Forbid: "a narrower integer", "Existing rows may have numbers that do not fit.";
        postgres: "It fails at the first number that does not fit.";
        sqlite: "The generated rebuild fails at the first value that does not fit.";
    "Y3" type_no_wider_float Deny: "from 32 to 64 bits of floating point", "Every value fits.";
        sqlite: NOTHING;
        fix: WIDEN;
    "Y4" type_no_narrower_float Forbid: "from 64 to 32 bits of floating point", "Digits are lost without an error.";
        sqlite: "The database keeps all digits; the program reads fewer.";
    "Y5" type_no_integer_to_float Forbid: "an integer becomes a floating-point number", "Numbers above 2^53, or 2^24 for f32, lose their last digits.";
    "Y6" type_no_float_to_integer Forbid: "a floating-point number becomes an integer", "Numbers are rounded without an error.";
        postgres: "Numbers are rounded; it fails if one does not fit.";
        sqlite: "The generated rebuild rounds the numbers, and fails if one does not fit.";
    "Y7" type_no_integer_to_decimal Deny: "an integer becomes a decimal number", "Every value fits.";
        sqlite: "The table is rebuilt: decimal numbers are stored as text.";
        fix: WIDEN;
    "Y8" numeric_may_widen Allow: "a wider NUMERIC", "Every value fits, and no row changes.";
        postgres: CATALOGUE; sqlite: NOTHING;
    "Y9" type_no_more_decimal_places Deny: "a NUMERIC with more decimal places", "Every value fits.";
        sqlite: NOTHING;
        fix: WIDEN;
    "Y10" type_no_decimal_loss Forbid: "a decimal number gets another type, or has fewer digits", "Digits may be lost without an error.";
        postgres: "Decimal places are rounded; it fails if the digits before the point do not fit.";
    "Y11" type_no_value_to_text Deny: "a value becomes a text", "No value is lost, but texts are ordered and compared in another way: \"10\" sorts before \"9\".";
    "Y12" type_same_kind Deny: "a value gets another type", "Existing rows may have values that the new type does not have.";
        postgres: "It fails at the first value that cannot be converted.";
        sqlite: "The generated rebuild fails at the first value that cannot be converted; CAST alone never fails.";
    "Y13" text_may_lengthen Allow: "a longer VARCHAR, or TEXT", "Every text fits, and no row changes.";
        postgres: CATALOGUE; sqlite: NOTHING;
    "Y14" type_no_shorter_text Forbid: "a shorter VARCHAR", "Existing rows may have longer texts.";
        postgres: "Texts that are too long are truncated: the generated migration casts them.";
        sqlite: "SQLite does not limit the length of texts.";
    "Y15" type_no_char_to_text Deny: "CHAR(n) becomes a text", "Trailing spaces are removed.";
        sqlite: NOTHING;
        fix: WIDEN;
    "Y16" type_no_citext_to_text Deny: "CITEXT becomes a text", "The values stay, but comparisons become case-sensitive.";
        postgres: "The catalogue changes, and indexes are built again."; sqlite: NOTHING;
        fix: WIDEN;
    "Y18" type_no_added_time_zone Deny: "a time gets a time zone", "The values are interpreted in a time zone: UTC in the generated migration.";
        fix: "Convert in a manual migration, with the time zone in which the values were written.";
    "Y19" type_no_dropped_time_zone Deny: "a time loses its time zone", "It is no longer known which moment a value means.";
        fix: "Convert in a manual migration, with the time zone in which the new values are read; the generated one uses UTC.";
    "Y20" precision_may_increase Allow: "more precision", "Every value fits, and no row changes.";
        postgres: CATALOGUE; sqlite: NOTHING;
    "Y21" type_no_less_precision Forbid: "less precision", "Values are rounded without an error.";
        sqlite: NOTHING;
    "Y22" type_no_date_to_time Forbid: "a date becomes a time, or a time a date", "The time of day is lost or invented.";
    "Y23" type_no_time_to_number Deny: "a time becomes a number, or a number a time", "The unit of the number has to be known: seconds, milliseconds, microseconds.";
    "Y24" type_no_uuid_to_text Deny: "a UUID becomes a text", "No value is lost, but running programs read the old type.";
    "Y25" type_no_text_to_uuid Deny: "a text becomes a UUID", "Existing rows may have texts that are not UUIDs.";
        postgres: "It fails at the first text that is not a UUID.";
        sqlite: "The generated rebuild fails at the first text that is not a UUID.";
    "Y26" type_no_boolean_to_other Deny: "a boolean gets another type", "True and false become 1 and 0.";
        sqlite: "Booleans already are 0 and 1.";
    "Y27" type_no_other_to_boolean Forbid: "a value becomes a boolean", "All values except 0 become true.";
    "Y28" type_no_json_to_jsonb Deny: "JSON becomes JSONB", "The order of keys, duplicate keys and spaces are lost.";
        sqlite: NOTHING;
    "Y29" type_no_jsonb_to_json Deny: "JSONB becomes JSON", "No value is lost.";
        sqlite: NOTHING;
        fix: WIDEN;
    "Y30" type_no_text_to_json Deny: "a text becomes JSON", "Existing rows may have texts that are not JSON.";
        postgres: "It fails at the first text that is not JSON.";
        sqlite: "The generated rebuild fails at the first text that is not JSON.";
    "Y31" cidr_may_become_inet Allow: "CIDR becomes INET", "Every network is an address.";
        postgres: CATALOGUE; sqlite: NOTHING;
    "Y32" list_same_element_type Deny: "the elements of a list have another type", "Each element of each list is converted, with the risks of the conversion of a single value.";
    "Y33" type_no_value_to_list Deny: "a value becomes a list", "Each value becomes a list with one element; the migration has to decide whether NULL becomes an empty list.";
    "Y34" type_no_list_to_value Forbid: "a list becomes a value", "Only the first element of each list is kept.";
    "Y38" type_no_bytes_to_other Deny: "bytes get another type, or a value becomes bytes", "Not all bytes are text.";
    "E9" type_no_text_to_enum Deny: "a text becomes an enum, or an enum a text", "Every variant is a text, but existing rows may have texts that are not variants.";
        postgres: "The check is added, which fails if a row has another text, or dropped.";
}

/// A field whose type is converted.
pub(super) struct Converted<'a> {
    field: &'a str,
    from: &'a Shape,
    to: &'a Shape,
}

/// Returns the field whose type a change converts; `None` if only variants of enums or members of
/// nested documents change.
pub(super) fn converted(change: &Change) -> Option<Converted<'_>> {
    let Fact::TypeChanged { field, from, to } = &change.fact else { return None };
    let are_nested = from.ty.members().is_some() && to.ty.members().is_some();
    let keeps_type = are_nested || both_enums(&from.ty, &to.ty).is_some();
    let is_converted = !keeps_type || from.column_type() != to.column_type();
    // Enums have their own rules.
    let has_type = (from.native || to.native) && both_enums(&from.ty, &to.ty).is_some();
    let is_converted = is_converted && !has_type;
    is_converted.then_some(Converted { field, from, to })
}

/// Whether the field of the change is in the primary key.
pub(super) fn is_of_key(change: &Change, context: &Context<'_>) -> bool {
    let field = change.field().unwrap_or_default();
    context.new_table(change).is_some_and(|table| table.is_key(field))
}

/// Whether the field of the change divides the table into partitions.
pub(super) fn is_of_partition_key(change: &Change, context: &Context<'_>) -> bool {
    let field = change.field().unwrap_or_default();
    let key = context.new_table(change).and_then(|table| table.partition_by.as_ref());
    key.is_some_and(|key| key.fields.iter().any(|name| name == field))
}

/// The finding on a conversion.
pub(super) fn finding(
    change: &Change,
    Converted { field, from, to }: &Converted<'_>,
    verdict: Verdict,
    why: &str,
) -> Finding {
    let show = |shape: &Shape| match &shape.sql_type {
        Some(ty) => format!("{} ({})", shape.ty, ty.as_str()),
        None => shape.ty.to_string(),
    };
    let (before, after) = (show(from), show(to));
    let table = &change.table;
    let keeps_values = verdict == Safe && from.ty == to.ty;
    let message =
        format!("type of field `{field}` of table `{table}` changed from `{before}` to `{after}`");
    Finding::new(verdict, message)
        .code(code::TYPE_CHANGED)
        .flags(if keeps_values { "M" } else { "P B b R U" })
        .note(why)
        .help(format!("keep the type `{before}`, or convert the values in a migration"))
}

fn judge_conversion(id: &str, change: &Change, context: &Context<'_>) -> Option<Finding> {
    let converted = converted(change)?;
    let (rule, verdict, why) = classify(converted.from, converted.to);
    let has_own_rule = is_of_key(change, context) || is_of_partition_key(change, context);
    (rule == id && !has_own_rule).then(|| {
        let found = finding(change, &converted, verdict, why);
        if is_widening(rule, verdict) {
            describe_widening(found, rule, change, context)
        } else {
            found
        }
    })
}

/// Returns the rule for a pair of types: its id, the verdict and the reason. Where the user gave a
/// column type, the worse of the changes of the Rust type and of the column.
fn classify(from: &Shape, to: &Shape) -> (&'static str, Verdict, &'static str) {
    let by_type = (from.ty != to.ty).then(|| classify_types(&from.ty, &to.ty));
    let is_given = from.sql_type.is_some() || to.sql_type.is_some();
    let (before, after) = (from.column_kind(), to.column_kind());
    let by_column =
        if is_given && before != after { Some(classify_columns(&before, &after)) } else { None };
    let found = match (by_type, by_column) {
        (Some(by_type), Some(by_column)) if by_column.1 > by_type.1 => Some(by_column),
        (by_type, by_column) => by_type.or(by_column),
    };
    found.unwrap_or(("Y12", Dangerous, "texts are compared by another collation"))
}

/// The same for types of Kontract.
fn classify_types(from: &Type, to: &Type) -> (&'static str, Verdict, &'static str) {
    use Type::*;
    match (from, to) {
        (Array(before), Array(after)) => classify_elements(classify_types(before, after)),
        (_, Array(_)) => ("Y33", Dangerous, "each value becomes a list with one element"),
        (Array(_), _) => ("Y34", Loss, "only the first element of each list is kept"),
        (String, Enum(_)) => {
            ("E9", Dangerous, "existing rows may have texts that are not variants")
        }
        (Enum(_), String) => ("E9", Safe, "every variant is a text"),
        (Sql, _) | (_, Sql) => {
            ("Y12", Dangerous, "the database may not be able to convert the values")
        }
        (Bytes, _) | (_, Bytes) => ("Y38", Loss, "not all bytes are text, or not all texts bytes"),
        (Uuid, String) => ("Y24", Dangerous, "running programs read the old type"),
        (String, Uuid) => ("Y25", Dangerous, "existing rows may have texts that are not UUIDs"),
        (String, Json | Object(_)) => {
            ("Y30", Dangerous, "existing rows may have texts that are not JSON")
        }
        (_, String) => ("Y11", Dangerous, "texts are ordered and compared in another way"),
        (String | Enum(_), _) => {
            ("Y12", Dangerous, "existing rows may have texts that cannot be converted")
        }
        (Boolean, _) => ("Y26", Dangerous, "true and false become numbers"),
        (_, Boolean) => ("Y27", Loss, "all values except 0 become true"),
        (Instant, DateTime) => ("Y19", Dangerous, "the time zone of each value is lost"),
        (DateTime, Instant) => ("Y18", Dangerous, "the values are interpreted in a time zone"),
        (Day, Instant | DateTime) | (Instant | DateTime, Day | Time) => {
            ("Y22", Loss, "the time of day is lost or invented")
        }
        (Instant | DateTime, Date) => {
            ("Y23", Loss, "what is finer than a millisecond is lost without an error")
        }
        (Instant | DateTime | Day | Time, _) | (_, Instant | DateTime | Day | Time) => {
            ("Y23", Dangerous, "the unit of the number has to be known")
        }
        (from, Decimal) if from.whole_range().is_some() => ("Y7", Lock, "every value fits"),
        (Decimal, _) | (_, Decimal) => ("Y10", Loss, "digits may be lost without an error"),
        (Float32, Number) => ("Y3", Lock, "every value fits"),
        (Number, Float32) => ("Y4", Loss, "digits are lost without an error"),
        (from, to) => match (from.whole_range(), to.whole_range()) {
            (Some(from), Some(to)) if to.0 <= from.0 && from.1 <= to.1 => {
                ("Y1", Lock, "every value fits")
            }
            (Some(_), Some(_)) => ("Y2", Loss, "existing rows may have numbers that do not fit"),
            (Some(_), None) if matches!(to, Number | Float32) => {
                ("Y5", Loss, "large numbers lose their last digits")
            }
            (None, Some(_)) if matches!(from, Number | Float32) => {
                ("Y6", Loss, "fractions are rounded")
            }
            _ => ("Y12", Dangerous, "the values have another meaning"),
        },
    }
}

/// The same for lists, from what happens to an element.
fn classify_elements(
    (_, verdict, why): (&'static str, Verdict, &'static str),
) -> (&'static str, Verdict, &'static str) {
    if verdict > Dangerous {
        ("Y32", verdict, why)
    } else {
        ("Y32", Dangerous, "each element of each list is converted")
    }
}

/// The same for types of columns.
fn classify_columns(from: &SqlKind, to: &SqlKind) -> (&'static str, Verdict, &'static str) {
    use SqlKind::*;
    match (from, to) {
        (Array(before), Array(after)) => classify_elements(classify_columns(before, after)),
        (_, Array(_)) => ("Y33", Dangerous, "each value becomes a list with one element"),
        (Array(_), _) => ("Y34", Loss, "only the first element of each list is kept"),
        (Text | Varchar(_), Text | Varchar(None)) => ("Y13", Safe, "every text fits"),
        (Varchar(Some(before)), Varchar(Some(after))) if before <= after => {
            ("Y13", Safe, "every text fits")
        }
        (Text | Varchar(_), Varchar(_) | Char(_)) => {
            ("Y14", Loss, "existing rows may have longer texts")
        }
        (Char(Some(before)), Char(Some(after))) if before > after => {
            ("Y14", Loss, "existing rows may have longer texts")
        }
        (Char(_), Text | Varchar(_) | Char(_)) => ("Y15", Lock, "trailing spaces are removed"),
        (Citext, Text | Varchar(None)) => ("Y16", Safe, "the values stay"),
        (Numeric(before), Numeric(after)) => classify_numeric(*before, *after),
        (SmallInt, Integer | BigInt) | (Integer, BigInt) => ("Y1", Lock, "every value fits"),
        (Integer | BigInt, SmallInt) | (BigInt, Integer) => {
            ("Y2", Loss, "existing rows may have numbers that do not fit")
        }
        (Real, Double) => ("Y3", Lock, "every value fits"),
        (Double, Real) => ("Y4", Loss, "digits are lost without an error"),
        (SmallInt | Integer | BigInt, Numeric(None)) => ("Y7", Lock, "every value fits"),
        (Numeric(_), SmallInt | Integer | BigInt | Real | Double)
        | (Real | Double | SmallInt | Integer | BigInt, Numeric(_)) => {
            ("Y10", Loss, "digits may be lost without an error")
        }
        (Timestamp(_), TimestampTz(_)) => {
            ("Y18", Dangerous, "the values are interpreted in a time zone")
        }
        (TimestampTz(_), Timestamp(_)) => ("Y19", Dangerous, "the time zone of each value is lost"),
        (Time(before), Time(after))
        | (TimeTz(before), TimeTz(after))
        | (Timestamp(before), Timestamp(after))
        | (TimestampTz(before), TimestampTz(after))
        | (Interval(before), Interval(after)) => {
            if before.unwrap_or(6) <= after.unwrap_or(6) {
                ("Y20", Safe, "every value fits")
            } else {
                ("Y21", Loss, "values are rounded")
            }
        }
        (VarBit(before), VarBit(after))
            if after.is_none() || (before.is_some() && before <= after) =>
        {
            ("Y20", Safe, "every value fits")
        }
        (Json, Jsonb) => {
            ("Y28", Dangerous, "the order of keys, duplicate keys and spaces are lost")
        }
        (Jsonb, Json) => ("Y29", Lock, "no value is lost"),
        (Cidr, Inet) => ("Y31", Safe, "every network is an address"),
        (Inet, Cidr) => ("Y12", Loss, "the bits of the host are lost without an error"),
        (Uuid, Varchar(Some(36..)) | Char(Some(36..))) => {
            ("Y24", Dangerous, "running programs read the old type")
        }
        // The casts of the generated migration cut and round.
        (_, Varchar(Some(_)) | Char(_)) => {
            ("Y14", Loss, "existing rows may have values whose texts are longer")
        }
        (_, Bit(_) | VarBit(Some(_))) => ("Y14", Loss, "existing rows may have more bits"),
        (Text | Varchar(_) | Char(_) | Citext, Numeric(Some(_))) => {
            ("Y10", Loss, "digits may be lost without an error")
        }
        (
            Text | Varchar(_) | Char(_) | Citext,
            Time(Some(..6)) | TimeTz(Some(..6)) | Timestamp(Some(..6)) | TimestampTz(Some(..6)),
        ) => ("Y21", Loss, "values are rounded"),
        (Timestamp(_) | TimestampTz(_), Date | Time(_) | TimeTz(_)) => {
            ("Y22", Loss, "the time of day or the date is lost")
        }
        _ => ("Y12", Dangerous, "the database may not be able to convert the values"),
    }
}

/// The same for two limits of `numeric`.
fn classify_numeric(
    before: Option<(u16, i16)>,
    after: Option<(u16, i16)>,
) -> (&'static str, Verdict, &'static str) {
    let Some((precision, scale)) = after else { return ("Y8", Safe, "every number fits") };
    let digits_before_point =
        |(precision, scale): (u16, i16)| i32::from(precision) - i32::from(scale);
    match before {
        Some(before) if before.1 == scale && before.0 <= precision => {
            ("Y8", Safe, "every number fits")
        }
        Some(before)
            if before.1 < scale
                && digits_before_point(before) <= digits_before_point((precision, scale)) =>
        {
            ("Y9", Lock, "every value fits")
        }
        _ => ("Y10", Loss, "digits may be lost without an error"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn casts_that_lose_values() {
        let verdict = |from: &str, to: &str| {
            let kind = |text| crate::model::SqlType::parse(text).unwrap().kind().clone();
            classify_columns(&kind(from), &kind(to)).1
        };
        for (from, to) in [
            ("numeric[]", "numeric(10,2)[]"),
            ("text[]", "varchar(3)[]"),
            ("bigint[]", "smallint[]"),
            ("timestamptz[]", "timestamptz(0)[]"),
            ("inet", "cidr"),
            ("integer", "varchar(2)"),
            ("citext", "varchar(2)"),
            ("uuid", "char(35)"),
            ("bit(5)", "bit(3)"),
            ("varbit", "varbit(3)"),
            ("text", "numeric(10,2)"),
            ("text", "timestamp(3)"),
            ("timestamptz", "date"),
        ] {
            assert_eq!(verdict(from, to), Loss, "{from} to {to}");
        }
        for (from, to) in [
            ("smallint[]", "bigint[]"),
            ("varchar(3)[]", "text[]"),
            ("varbit(3)", "varbit(5)"),
            ("uuid", "varchar(36)"),
            ("text", "numeric"),
            ("text", "timestamp"),
        ] {
            assert!(verdict(from, to) < Loss, "{from} to {to}");
        }
        let lists =
            |from, to| classify_types(&Type::Array(Box::new(from)), &Type::Array(Box::new(to)));
        assert_eq!(lists(Type::Bigint, Type::Int32).1, Loss);
        assert_eq!(lists(Type::Int32, Type::Bigint).1, Dangerous);
    }

    /// The extension is not on every server: no case runs it.
    #[test]
    fn y16_citext_is_text() {
        assert_eq!(classify_columns(&SqlKind::Citext, &SqlKind::Text).0, "Y16");
        assert_eq!(classify_columns(&SqlKind::Text, &SqlKind::Citext).0, "Y12");
    }
}
