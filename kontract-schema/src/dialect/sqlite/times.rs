//! Times as text in other forms of ISO 8601, as documents have them, in the form of columns.

use crate::model::types::Type;

/// A date and a time of day, with anything behind it.
const DATETIME: &str =
    "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9][T ][0-9][0-9]:[0-9][0-9]:[0-9][0-9]*";
/// A time of day, with anything behind it.
const TIME: &str = "[0-9][0-9]:[0-9][0-9]:[0-9][0-9]*";

/// Prints a text as a column of this type of time has it: in UTC, with six digits of a second. The
/// expression is NULL for a text that is not such a time. `None` for types that are not times.
pub fn print_time(text: &str, ty: &Type) -> Option<String> {
    Some(match ty {
        Type::Instant => {
            let (digits, zone) = split_fraction(text, 20);
            let seconds = format!("strftime('%Y-%m-%dT%H:%M:%S', substr({text}, 1, 19) || {zone})");
            let made = format!("{seconds} || '.' || {digits} || 'Z'");
            format!("iif({text} GLOB '{DATETIME}' AND {zone} <> '', {made}, NULL)")
        }
        Type::DateTime => {
            let (digits, zone) = split_fraction(text, 20);
            let seconds = format!("strftime('%Y-%m-%dT%H:%M:%S', substr({text}, 1, 19))");
            let made = format!("{seconds} || '.' || {digits}");
            format!("iif({text} GLOB '{DATETIME}' AND {zone} = '', {made}, NULL)")
        }
        Type::Day => format!("iif(date({text}) = {text}, {text}, NULL)"),
        Type::Time => {
            let (digits, zone) = split_fraction(text, 9);
            let made = format!("time(substr({text}, 1, 8)) || '.' || {digits}");
            format!("iif({text} GLOB '{TIME}' AND {zone} = '', {made}, NULL)")
        }
        _ => return None,
    })
}

/// The six digits behind the point that may be at this place of a text, and what follows them.
fn split_fraction(text: &str, at: usize) -> (String, String) {
    let after = at + 1;
    let has_point = format!("substr({text}, {at}, 1) = '.'");
    let rest = format!("ltrim(substr({text}, {after}), '0123456789')");
    let digits = format!("substr({text}, {after}, length({text}) - {at} - length({rest}))");
    (
        format!("substr(iif({has_point}, {digits}, '') || '000000', 1, 6)"),
        format!("iif({has_point}, {rest}, substr({text}, {at}))"),
    )
}
