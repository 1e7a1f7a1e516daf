//! What a column with limits stores when a value is assigned to it, by the rules of PostgreSQL's
//! assignment, on both databases.
//!
//! A text that is too long, a number with too many digits before the point and a bit string of another
//! length are refused. Spaces behind the length of a text are cut, numbers are rounded half away from
//! zero to their scale, times to their precision. `char(n)` has no spaces at its end, as PostgreSQL
//! reads it as text. Conditions never use this: they compare the value as it is.

pub(crate) mod digits;

use std::borrow::Cow;
use std::net::IpAddr;

use kontract_schema::model::SqlKind;
use kontract_schema::stored_text::Form;

use self::digits::Digits;
use crate::error::{Error, Result, TEXT_HELP};
use crate::value::datum::Datum;
use crate::value::types::{IpNet, calendar};

/// 2000-01-01 in microseconds since 1970-01-01: PostgreSQL rounds times away from it.
const EPOCH: i64 = 946_684_800_000_000;

/// Returns whether a column of the type refuses or changes some values that another column of the same
/// Rust type stores as they are.
pub(crate) fn is_limited(kind: &SqlKind) -> bool {
    match kind {
        SqlKind::SmallInt | SqlKind::Integer | SqlKind::BigInt | SqlKind::Real => true,
        SqlKind::Numeric(limit) => limit.is_some(),
        SqlKind::Varchar(length) | SqlKind::VarBit(length) => length.is_some(),
        SqlKind::Char(_) | SqlKind::Bit(_) => true,
        SqlKind::Time(digits) | SqlKind::Timestamp(digits) | SqlKind::TimestampTz(digits) => {
            digits.is_some_and(|digits| digits < 6)
        }
        SqlKind::Array(element) => is_limited(element),
        _ => false,
    }
}

/// Returns the value as a column of the type stores it.
///
/// # Errors
/// [`Kind::Value`](crate::Kind::Value) for a value that does not fit.
pub(crate) fn fit<'a>(datum: Datum<'a>, kind: &SqlKind) -> Result<Datum<'a>> {
    Ok(match (datum, kind) {
        (Datum::Null, _) => Datum::Null,
        (Datum::Array(items), SqlKind::Array(kind)) => {
            let items = items.into_iter().map(|item| fit(item, kind));
            Datum::Array(items.collect::<Result<_>>()?)
        }
        (Datum::Text(text), SqlKind::Varchar(Some(length))) => {
            Datum::Text(cut(text, *length, kind)?)
        }
        (Datum::Text(text), SqlKind::Char(length)) => {
            let text = match length {
                Some(length) => cut(text, *length, kind)?,
                None => text,
            };
            Datum::Text(without_spaces(text))
        }
        (Datum::Text(text), SqlKind::Bit(_) | SqlKind::VarBit(_)) => {
            let text = normalized(text, kind);
            check_bits(&text, kind)?;
            Datum::Text(text)
        }
        (Datum::Array(items), SqlKind::Vector(length)) => {
            check_vector(&items, *length, kind)?;
            Datum::Array(items)
        }
        (Datum::Text(text), SqlKind::Cidr) => {
            check_network(&text, kind)?;
            Datum::Text(normalized(text, kind))
        }
        (Datum::Text(text), kind) if Form::for_kind(kind).is_some() => {
            Datum::Text(normalized(text, kind))
        }
        (number, SqlKind::Numeric(Some(limit))) => round_number(number, *limit, kind)?,
        (number, SqlKind::SmallInt) => fit_whole(number, i16::MIN.into(), i16::MAX.into(), kind)?,
        (number, SqlKind::Integer) => fit_whole(number, i32::MIN.into(), i32::MAX.into(), kind)?,
        (number, SqlKind::BigInt) => fit_whole(number, i64::MIN, i64::MAX, kind)?,
        (Datum::F64(number), SqlKind::Real) => Datum::F64(as_single(number, kind)?),
        (Datum::Time(micros), SqlKind::Time(Some(digits))) => {
            let micros = round_micros(micros, *digits);
            if micros >= calendar::DAY {
                return Err(misfit("the time would be rounded to 24:00", kind));
            }
            Datum::Time(micros)
        }
        (Datum::DateTime(micros), SqlKind::Timestamp(Some(digits))) => {
            Datum::DateTime(round_moment(micros, *digits))
        }
        (Datum::Instant(micros), SqlKind::TimestampTz(Some(digits))) => {
            Datum::Instant(round_moment(micros, *digits))
        }
        (datum, _) => datum,
    })
}

/// Returns the value as a column of the type stores it, if that is an equal value. Rounded, the key of
/// one row would be that of another.
///
/// # Errors
/// [`Kind::Value`](crate::Kind::Value) for a value that does not fit, or that would be changed.
pub(crate) fn fit_key<'a>(datum: Datum<'a>, kind: &SqlKind) -> Result<Datum<'a>> {
    let fitted = fit(datum.borrowed(), kind)?.into_owned();
    if same(datum.borrowed(), Some(kind)) != same(fitted.borrowed(), Some(kind)) {
        return Err(misfit("the column would change the value of a key", kind));
    }
    Ok(fitted)
}

/// Returns one form for values that columns of the type take for equal, for values that the program
/// itself compares. Without a type, the column has that of the Rust type.
///
/// Of `citext` only ASCII letters are taken for equal in upper and lower case, because the database
/// decides on the others by its locale.
pub(crate) fn same<'a>(datum: Datum<'a>, kind: Option<&SqlKind>) -> Datum<'a> {
    match (datum, kind) {
        (Datum::Text(text), Some(SqlKind::Char(_))) => Datum::Text(without_spaces(text)),
        (Datum::Text(text), Some(SqlKind::Numeric(_))) => match Digits::parse(&text) {
            Some(digits) => Datum::Text(without_zeros(digits.to_string()).into()),
            None => Datum::Text(text),
        },
        (Datum::Text(text), Some(SqlKind::Citext)) => Datum::Text(text.to_ascii_lowercase().into()),
        (Datum::Text(text), Some(kind)) => Datum::Text(normalized(text, kind)),
        #[cfg(feature = "decimal")]
        (Datum::Decimal(number), _) => Datum::Decimal(number.normalize()),
        (Datum::Array(items), Some(SqlKind::Array(kind))) => {
            Datum::Array(items.into_iter().map(|item| same(item, Some(kind))).collect())
        }
        (datum, _) => datum,
    }
}

/// Returns a text as PostgreSQL prints the value of a type; the text itself if it is not read here: PostgreSQL
/// knows more spellings.
fn normalized<'a>(text: Cow<'a, str>, kind: &SqlKind) -> Cow<'a, str> {
    match Form::for_kind(kind).and_then(|form| form.normalize(&text)) {
        Some(normal) => normal.into(),
        None => text,
    }
}

/// Refuses a vector with another number of dimensions, and numbers that vectors do not have.
fn check_vector(items: &[Datum<'_>], length: Option<u32>, kind: &SqlKind) -> Result<()> {
    if length.is_some_and(|length| items.len() as u64 != u64::from(length)) || items.is_empty() {
        return Err(misfit("the vector has another number of dimensions", kind));
    }
    let is_finite = |item: &Datum<'_>| match item {
        Datum::F32(number) => number.is_finite(),
        _ => false,
    };
    if items.iter().all(is_finite) {
        Ok(())
    } else {
        Err(misfit("a vector has finite numbers only", kind))
    }
}

/// Cuts spaces behind the length.
fn cut<'a>(text: Cow<'a, str>, length: u32, kind: &SqlKind) -> Result<Cow<'a, str>> {
    let Some((end, _)) = text.char_indices().nth(length as usize) else { return Ok(text) };
    if text[end..].bytes().any(|byte| byte != b' ') {
        return Err(misfit("the text is too long", kind));
    }
    Ok(shorten(text, end))
}

fn without_spaces(text: Cow<'_, str>) -> Cow<'_, str> {
    let end = text.trim_end_matches(' ').len();
    shorten(text, end)
}

fn shorten(text: Cow<'_, str>, end: usize) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(&text[..end]),
        Cow::Owned(mut text) => {
            text.truncate(end);
            Cow::Owned(text)
        }
    }
}

fn check_bits(text: &str, kind: &SqlKind) -> Result<()> {
    if text.bytes().any(|byte| !matches!(byte, b'0' | b'1')) {
        return Err(misfit_text(kind));
    }
    let length = text.len() as u64;
    match kind {
        SqlKind::Bit(wanted) if length != u64::from(*wanted) => {
            Err(misfit("the bit string has another length", kind))
        }
        SqlKind::VarBit(Some(most)) if length > u64::from(*most) => {
            Err(misfit("the bit string is too long", kind))
        }
        _ => Ok(()),
    }
}

/// Refuses an address in its network: `cidr` has networks only.
fn check_network(text: &str, kind: &SqlKind) -> Result<()> {
    let is_within = match text.parse::<IpNet>() {
        Ok(IpNet { address: IpAddr::V4(address), prefix }) => {
            address.to_bits().checked_shl(prefix.into()).unwrap_or(0) != 0
        }
        Ok(IpNet { address: IpAddr::V6(address), prefix }) => {
            address.to_bits().checked_shl(prefix.into()).unwrap_or(0) != 0
        }
        Err(_) => return Err(misfit_text(kind)),
    };
    if is_within {
        Err(misfit("the address has more digits than its network", kind))
    } else {
        Ok(())
    }
}

/// Rounds a number to precision and scale.
fn round_number<'a>(datum: Datum<'a>, limit: (u16, i16), kind: &SqlKind) -> Result<Datum<'a>> {
    let rounded = |text: &str| -> Result<String> {
        let digits = Digits::parse(text).ok_or_else(|| misfit_text(kind))?;
        let rounded = digits.round(limit.1);
        if rounded.count(limit.1) > usize::from(limit.0) {
            return Err(misfit("the number has too many digits before the point", kind));
        }
        Ok(rounded.to_string())
    };
    let whole = |number: i64| -> Result<i64> {
        let rounded = rounded(&number.to_string())?;
        let whole = rounded.split('.').next().unwrap_or_default();
        whole.parse().map_err(|_| misfit("the number is too large", kind))
    };
    let range = |_| misfit("the number is too large", kind);
    Ok(match datum {
        Datum::I16(number) => Datum::I16(whole(number.into())?.try_into().map_err(range)?),
        Datum::I32(number) => Datum::I32(whole(number.into())?.try_into().map_err(range)?),
        Datum::I64(number) => Datum::I64(whole(number)?),
        Datum::F64(number) if !number.is_finite() => {
            return Err(misfit("the number is infinite", kind));
        }
        Datum::F32(number) if !number.is_finite() => {
            return Err(misfit("the number is infinite", kind));
        }
        Datum::F64(number) => Datum::F64(rounded(&number.to_string())?.parse().unwrap_or(number)),
        Datum::F32(number) => Datum::F32(rounded(&number.to_string())?.parse().unwrap_or(number)),
        Datum::Text(text) => Datum::Text(with_zeros(rounded(&text)?, limit.1).into()),
        #[cfg(feature = "decimal")]
        Datum::Decimal(number) => {
            let text = rounded(&number.to_string())?;
            let mut number = rust_decimal::Decimal::from_str_exact(&text)
                .map_err(|_| misfit("the number has more digits than `Decimal`", kind))?;
            // As PostgreSQL returns it.
            number.rescale(u32::try_from(limit.1).unwrap_or_default().min(28));
            Datum::Decimal(number)
        }
        datum => datum,
    })
}

/// Cuts zeros at the end of a fraction.
fn without_zeros(number: String) -> String {
    if number.contains('.') {
        number.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        number
    }
}

/// Adds zeros at the end of a number, as PostgreSQL prints one with so many digits behind the point.
fn with_zeros(mut number: String, scale: i16) -> String {
    let Some(scale) = usize::try_from(scale).ok().filter(|scale| *scale > 0) else { return number };
    let digits = number.split_once('.').map(|(_, fraction)| fraction.len());
    if digits.is_none() {
        number.push('.');
    }
    number.extend(std::iter::repeat_n('0', scale.saturating_sub(digits.unwrap_or_default())));
    number
}

/// Rounds a number to a whole one within a range.
fn fit_whole<'a>(datum: Datum<'a>, least: i64, most: i64, kind: &SqlKind) -> Result<Datum<'a>> {
    let too_large = || misfit("the number is too large", kind);
    let is_within = |number: i64| (least..=most).contains(&number);
    match &datum {
        Datum::I64(number) if !is_within(*number) => return Err(too_large()),
        Datum::I32(number) if !is_within((*number).into()) => return Err(too_large()),
        Datum::Text(text) => {
            let number: i64 = text.trim().parse().map_err(|_| match Digits::parse(text) {
                Some(digits) if digits.is_whole() => too_large(),
                _ => misfit_text(kind),
            })?;
            if !is_within(number) {
                return Err(too_large());
            }
            return Ok(Datum::Text(number.to_string().into()));
        }
        // Of floating point numbers, PostgreSQL rounds halves to the even one.
        Datum::F64(number) => {
            let number = number.round_ties_even();
            // 2^63, the first that an `i64` cannot hold.
            let limit = 9_223_372_036_854_775_808.0;
            if !(-limit..limit).contains(&number) || !is_within(number as i64) {
                return Err(too_large());
            }
            return Ok(Datum::F64(number));
        }
        #[cfg(feature = "decimal")]
        Datum::Decimal(number) => {
            let away = rust_decimal::RoundingStrategy::MidpointAwayFromZero;
            let number = number.round_dp_with_strategy(0, away);
            if !i64::try_from(number).is_ok_and(is_within) {
                return Err(too_large());
            }
            return Ok(Datum::Decimal(number));
        }
        _ => {}
    }
    Ok(datum)
}

/// Returns the number in single precision.
fn as_single(number: f64, kind: &SqlKind) -> Result<f64> {
    let single = number as f32;
    if single.is_infinite() && number.is_finite() {
        return Err(misfit("the number is too large", kind));
    }
    if single == 0.0 && number != 0.0 {
        return Err(misfit("the number is too small", kind));
    }
    Ok(single.into())
}

/// Rounds a time, half up.
fn round_micros(micros: i64, digits: u8) -> i64 {
    let unit = 10_i64.pow(6_u32.saturating_sub(digits.into()));
    (micros + unit / 2).div_euclid(unit) * unit
}

/// Rounds a moment, halves away from 2000-01-01.
fn round_moment(micros: i64, digits: u8) -> i64 {
    let since = micros.saturating_sub(EPOCH);
    let rounded = if since < 0 {
        -round_micros(since.saturating_neg(), digits)
    } else {
        round_micros(since, digits)
    };
    EPOCH.saturating_add(rounded)
}

/// The error for a value that a column of the type refuses.
fn misfit(why: &str, kind: &SqlKind) -> Error {
    Error::value(format!("{why} for the type `{kind}`"))
}

/// The error for a text that is not a value of a type.
fn misfit_text(kind: &SqlKind) -> Error {
    let error = misfit("the text is not a value", kind);
    match Form::for_kind(kind) {
        Some(form) => error.with_help(form_help(form)),
        None => error.with_help(TEXT_HELP),
    }
}

/// Returns the help for a text that is not a value of a type.
pub(crate) fn form_help(form: Form) -> String {
    format!("write it as PostgreSQL prints the type: `{}`", form.example())
}

#[cfg(test)]
mod tests {
    use kontract_schema::model::SqlType;

    use super::*;

    fn fitted(datum: Datum<'static>, ty: &str) -> Option<Datum<'static>> {
        fit(datum, SqlType::parse(ty).expect("a type").kind()).ok()
    }

    fn text(text: &'static str) -> Datum<'static> {
        Datum::Text(text.into())
    }

    #[test]
    fn texts() {
        assert_eq!(fitted(text("äöüßé"), "varchar(5)"), Some(text("äöüßé")));
        assert_eq!(fitted(text("abcde  "), "varchar(5)"), Some(text("abcde")));
        assert_eq!(fitted(text("abc  "), "varchar(5)"), Some(text("abc  ")));
        assert_eq!(fitted(text("abcdef"), "varchar(5)"), None);
        assert_eq!(fitted(text("abcde \t"), "varchar(5)"), None);
        assert_eq!(fitted(text("abc  "), "char(5)"), Some(text("abc")));
        assert_eq!(fitted(text("abcdef"), "char(5)"), None);
        assert_eq!(fitted(text("101"), "bit(3)"), Some(text("101")));
        assert_eq!(fitted(text("10"), "bit(3)"), None);
        assert_eq!(fitted(text("10"), "varbit(3)"), Some(text("10")));
        assert_eq!(fitted(text("1010"), "varbit(3)"), None);
        assert_eq!(fitted(text("102"), "varbit(3)"), None);
        assert_eq!(fitted(text("10.0.0.0/8"), "cidr"), Some(text("10.0.0.0/8")));
        assert_eq!(fitted(text("0.0.0.0/0"), "cidr"), Some(text("0.0.0.0/0")));
        assert_eq!(fitted(text("10.0.0.1"), "cidr"), Some(text("10.0.0.1/32")));
        assert_eq!(fitted(text("10.0.0.1/8"), "cidr"), None);
        assert_eq!(fitted(text("2001:db8::1/32"), "cidr"), None);
        let list =
            |items: &[&'static str]| Datum::Array(items.iter().map(|item| text(item)).collect());
        assert_eq!(fitted(list(&["abc  "]), "varchar(3)[]"), Some(list(&["abc"])));
        assert_eq!(fitted(list(&["a", "abcd"]), "varchar(3)[]"), None);
    }

    #[test]
    fn numbers() {
        assert_eq!(fitted(Datum::I64(999), "numeric(3)"), Some(Datum::I64(999)));
        assert_eq!(fitted(Datum::I64(1000), "numeric(3)"), None);
        assert_eq!(fitted(Datum::I64(-250), "numeric(3,-2)"), Some(Datum::I64(-300)));
        assert_eq!(fitted(Datum::F64(0.125), "numeric(4,2)"), Some(Datum::F64(0.13)));
        assert_eq!(fitted(Datum::F64(99.995), "numeric(4,2)"), None);
        assert_eq!(fitted(Datum::F64(2.5), "integer"), Some(Datum::F64(2.0)));
        assert_eq!(fitted(Datum::I64(1 << 31), "integer"), None);
        assert_eq!(fitted(Datum::I32(1 << 15), "smallint"), None);
        assert_eq!(
            fitted(text("18446744073709551615"), "numeric(20)"),
            Some(text("18446744073709551615"))
        );
        assert_eq!(fitted(text("18446744073709551615"), "numeric(19)"), None);
        assert_eq!(fitted(text("18446744073709551615"), "bigint"), None);
        assert_eq!(fitted(Datum::F64(0.1), "real"), Some(Datum::F64(0.1_f32.into())));
        assert_eq!(fitted(Datum::F64(1e300), "real"), None);
    }

    #[cfg(feature = "decimal")]
    #[test]
    fn decimals() {
        let decimal = |text: &str| Datum::Decimal(text.parse().expect("a decimal"));
        let rounded = |from: &str, ty: &str| match fitted(decimal(from), ty) {
            Some(Datum::Decimal(number)) => number.to_string(),
            _ => "refused".to_owned(),
        };
        assert_eq!(rounded("1.005", "numeric(10,2)"), "1.01");
        assert_eq!(rounded("-1.005", "numeric(10,2)"), "-1.01");
        assert_eq!(rounded("1.5", "numeric(10,2)"), "1.50");
        assert_eq!(rounded("99.95", "numeric(3,1)"), "refused");
        assert_eq!(rounded("0.00994", "numeric(2,4)"), "0.0099");
        assert_eq!(rounded("0.01", "numeric(2,4)"), "refused");
        assert_eq!(rounded("0.5", "bigint"), "1");
        let key = |text: &str| {
            let ty = SqlType::parse("numeric(10,2)").expect("a type");
            fit_key(decimal(text), ty.kind()).is_ok()
        };
        assert!(key("1.00") && key("1.0000") && key("1") && !key("1.001"));
    }

    #[test]
    fn times() {
        assert_eq!(
            fitted(Datum::Instant(1_500_000), "timestamptz(0)"),
            Some(Datum::Instant(1_000_000))
        );
        let after = |micros| Datum::Instant(EPOCH + micros);
        assert_eq!(fitted(after(1_500_000), "timestamptz(0)"), Some(after(2_000_000)));
        assert_eq!(fitted(after(-1_500_000), "timestamptz(0)"), Some(after(-2_000_000)));
        assert_eq!(fitted(after(1_499), "timestamptz(3)"), Some(after(1_000)));
        assert_eq!(fitted(Datum::Time(calendar::DAY - 1), "time(3)"), None);
        assert_eq!(fitted(Datum::Time(999), "time(3)"), Some(Datum::Time(1000)));
    }
}
