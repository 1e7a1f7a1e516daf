//! Ranges as texts that sort as PostgreSQL sorts ranges: the place where the range begins, a space, and the
//! place where it ends.
//!
//! A place is a value that sorts as text, and `<` before the value or `>` after it; `-` is before all
//! values, `~` after all. `[1,6)` is `p500001:1.< p500001:6.<`. The empty range is `!`. A multirange is
//! its ranges, in order, with a space between them; an empty one is `!`.

use std::ops::Bound;

use super::number;
use super::range_literal::{Bounds, EMPTY_RANGE, parse_range, parse_start, print_range};
use crate::calendar;
use crate::model::RangeOf;

/// The range, or multirange, without values.
const EMPTY: &str = "!";
const LEAST: &str = "-";
const GREATEST: &str = "~";

/// The places where a range begins and ends; `None` is the empty range.
type Places = Option<(String, String)>;

/// Returns the stored text of a range.
pub(super) fn store(text: &str, of: RangeOf) -> Option<String> {
    Some(print(&find_places(parse_range(text)?, of)?))
}

/// Returns the text of a stored range.
pub(super) fn load(stored: &str, of: RangeOf) -> Option<String> {
    match read(stored)? {
        Some((lower, upper)) => print_literal(&lower, &upper, of),
        None => Some(EMPTY_RANGE.to_owned()),
    }
}

/// Returns the stored text of a multirange: its ranges in order, those that touch as one.
pub(super) fn store_many(text: &str, of: RangeOf) -> Option<String> {
    let mut rest = text.trim().strip_prefix('{')?.strip_suffix('}')?.trim();
    let mut ranges: Vec<(String, String)> = Vec::new();
    while !rest.is_empty() {
        let (bounds, after) = parse_start(rest)?;
        ranges.extend(find_places(bounds, of)?);
        let after = after.trim();
        rest = match after.strip_prefix(',') {
            Some(more) if !more.trim().is_empty() => more,
            Some(_) => return None,
            None if after.is_empty() => after,
            None => return None,
        };
    }
    ranges.sort();
    let mut joined: Vec<(String, String)> = Vec::new();
    for (lower, upper) in ranges {
        match joined.last_mut() {
            Some((_, end)) if lower <= *end => *end = upper.max(std::mem::take(end)),
            _ => joined.push((lower, upper)),
        }
    }
    if joined.is_empty() {
        return Some(EMPTY.to_owned());
    }
    let texts: Vec<String> =
        joined.iter().map(|(lower, upper)| format!("{lower} {upper}")).collect();
    Some(texts.join(" "))
}

/// Returns the text of a stored multirange.
pub(super) fn load_many(stored: &str, of: RangeOf) -> Option<String> {
    if stored == EMPTY {
        return Some("{}".to_owned());
    }
    let places: Vec<&str> = stored.split(' ').collect();
    let ranges = places.chunks(2).map(|pair| match pair {
        [lower, upper] => print_literal(lower, upper, of),
        _ => None,
    });
    Some(format!("{{{}}}", ranges.collect::<Option<Vec<String>>>()?.join(",")))
}

/// Returns whether a range contains a value, of texts as they are stored.
pub(super) fn contains_value(range: &str, value: &str, of: RangeOf) -> Option<bool> {
    let Some((lower, upper)) = read_any(range, of)? else { return Some(false) };
    let key = to_key(value, of)?;
    Some(lower < place(key.clone(), true) && place(key, false) < upper)
}

/// Returns whether a range contains all values of another.
pub(super) fn contains_range(range: &str, other: &str, of: RangeOf) -> Option<bool> {
    Some(match (read_any(range, of)?, read_any(other, of)?) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some((lower, upper)), Some((others_lower, others_upper))) => {
            lower <= others_lower && others_upper <= upper
        }
    })
}

/// Returns whether some value is in both ranges.
pub(super) fn overlaps(range: &str, other: &str, of: RangeOf) -> Option<bool> {
    Some(match (read_any(range, of)?, read_any(other, of)?) {
        (Some((lower, upper)), Some((others_lower, others_upper))) => {
            lower < others_upper && others_lower < upper
        }
        _ => false,
    })
}

fn print(places: &Places) -> String {
    match places {
        Some((lower, upper)) => format!("{lower} {upper}"),
        None => EMPTY.to_owned(),
    }
}

fn read(stored: &str) -> Option<Places> {
    if stored == EMPTY {
        return Some(None);
    }
    let (lower, upper) = stored.split_once(' ')?;
    Some(Some((lower.to_owned(), upper.to_owned())))
}

/// Reads a stored range, or the text of one, as documents have it.
fn read_any(text: &str, of: RangeOf) -> Option<Places> {
    match parse_range(text) {
        Some(bounds) => find_places(bounds, of),
        None => read(text),
    }
}

/// Returns where a range begins and ends; `None` for bounds that PostgreSQL refuses.
fn find_places(bounds: Bounds, of: RangeOf) -> Option<Places> {
    let Some((lower, upper)) = bounds else { return Some(None) };
    let key = |bound: &Bound<String>| match bound {
        Bound::Included(text) | Bound::Excluded(text) => to_key(text, of).map(Some),
        Bound::Unbounded => Some(None),
    };
    let (lower_key, upper_key) = (key(&lower)?, key(&upper)?);
    if let (Some(lower), Some(upper)) = (&lower_key, &upper_key)
        && lower > upper
    {
        return None;
    }
    let begin = match lower_key {
        Some(key) => next(key, matches!(lower, Bound::Excluded(_)), of)?,
        None => LEAST.to_owned(),
    };
    let end = match upper_key {
        Some(key) => next(key, matches!(upper, Bound::Included(_)), of)?,
        None => GREATEST.to_owned(),
    };
    Some((begin < end).then_some((begin, end)))
}

/// Returns the place before or after a value; of whole numbers and days, the place after one is that before
/// the next.
fn next(key: String, is_after: bool, of: RangeOf) -> Option<String> {
    if !(is_after && of.is_discrete()) {
        return Some(place(key, is_after));
    }
    let text = from_key(&key, of)?;
    let next = match of {
        RangeOf::Date => calendar::format_day(calendar::parse_day(&text)? + 1)?,
        _ => text.parse::<i64>().ok()?.checked_add(1)?.to_string(),
    };
    Some(place(to_key(&next, of)?, false))
}

/// The place before or after a value.
fn place(mut key: String, is_after: bool) -> String {
    key.push(if is_after { '>' } else { '<' });
    key
}

fn print_literal(lower: &str, upper: &str, of: RangeOf) -> Option<String> {
    let value = |place: &str| from_key(&place[..place.len() - 1], of);
    let lower = match lower {
        LEAST => Bound::Unbounded,
        place if place.ends_with('<') => Bound::Included(value(place)?),
        place if place.ends_with('>') => Bound::Excluded(value(place)?),
        _ => return None,
    };
    let upper = match upper {
        GREATEST => Bound::Unbounded,
        place if place.ends_with('<') => Bound::Excluded(value(place)?),
        place if place.ends_with('>') => Bound::Included(value(place)?),
        _ => return None,
    };
    Some(print_range(&lower, &upper))
}

/// Returns the text of a value that sorts as the value does.
fn to_key(text: &str, of: RangeOf) -> Option<String> {
    let text = text.trim();
    match of {
        RangeOf::Integer => number::to_key(&text.parse::<i32>().ok()?.to_string()),
        RangeOf::BigInt => number::to_key(&text.parse::<i64>().ok()?.to_string()),
        RangeOf::Numeric => number::to_key(text),
        RangeOf::Date => calendar::format_day(calendar::parse_day(text)?),
        RangeOf::Timestamp => {
            let micros = calendar::parse_datetime(text)
                .or_else(|| Some(calendar::parse_day(text)? * calendar::DAY));
            calendar::format_datetime(micros?)
        }
        RangeOf::TimestampTz => {
            let micros = calendar::parse_moment(text).filter(|_| text.contains(['T', ' ']));
            Some(calendar::format_datetime(micros?)? + "Z")
        }
    }
}

/// Returns the text of a value as PostgreSQL prints it.
fn from_key(key: &str, of: RangeOf) -> Option<String> {
    let datetime = |text: &str| {
        let text = text.replacen('T', " ", 1);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    };
    match of {
        RangeOf::Integer | RangeOf::BigInt | RangeOf::Numeric => number::from_key(key),
        RangeOf::Date => Some(key.to_owned()),
        RangeOf::Timestamp => Some(datetime(key)),
        RangeOf::TimestampTz => Some(datetime(key.strip_suffix('Z')?) + "+00"),
    }
}
