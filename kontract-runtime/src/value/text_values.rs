//! Types that travel as text and have a column type of their own: PostgreSQL casts the text, SQLite keeps
//! the form of [`stored_text`](super::stored_text).

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::IpAddr;

use kontract_schema::Type;
use kontract_schema::stored_text::{parse_hstore, print_hstore};

use super::datum::Datum;
use super::document::from_json;
#[cfg(any(feature = "jiff", feature = "chrono"))]
use super::document::to_json;
use super::field_type_proof::{self, Is};
use super::field_value::{Value, check_text, mismatch};
use super::range::{Range, RangeValue};
use super::raw_columns::Plain;
use super::types::{Bits, Interval, IpNet, MacAddr};
use crate::error::{Error, Result};

/// Implements [`Value`] by the text of a type: how it becomes the text, and how it is read from it.
macro_rules! texts {
    ($($(#[$meta:meta])* $ty:ty, sorts $sorts:literal, $expected:literal, |$value:ident| $to:expr, |$text:ident| $from:expr;)*) => { $(
        $(#[$meta])*
        impl Value for $ty {
            type Maybe = Option<Self>;
            const SORTS_IN_DOCUMENTS: bool = $sorts;
            fn to_datum(&self) -> Result<Datum<'_>> {
                let $value = self;
                Ok(Datum::Text(Cow::Owned($to)))
            }
            fn from_datum(datum: Datum<'_>) -> Result<$ty> {
                match datum {
                    Datum::Text($text) => $from,
                    Datum::Json(json) => {
                        let $text: String = from_json(&json)?;
                        $from
                    }
                    other => Err(mismatch($expected, &other)),
                }
            }
        }

        /// In a document it is a text.
        $(#[$meta])*
        impl Is<field_type_proof::String> for $ty {}

        $(#[$meta])*
        impl Plain for $ty {
            fn ty() -> Type {
                Type::Sql
            }
        }
    )* };
}

/// Implements [`Value`] for a length of time: how it becomes an [`Interval`], and how it is read from one. In
/// documents it is what serde makes of it.
#[cfg(any(feature = "jiff", feature = "chrono"))]
macro_rules! durations {
    ($($(#[$meta:meta])* $ty:ty, |$value:ident| $to:expr, |$interval:ident| $from:expr;)*) => { $(
        $(#[$meta])*
        impl Value for $ty {
            type Maybe = Option<Self>;
            const SORTS_IN_DOCUMENTS: bool = false;
            fn to_datum(&self) -> Result<Datum<'_>> {
                let $value = self;
                let interval: Interval = $to?;
                Ok(Datum::Text(interval.to_string().into()))
            }
            fn to_member(&self) -> Result<Datum<'_>> {
                let json = to_json(self)?;
                Ok(Datum::Text(from_json::<String>(&json).unwrap_or(json).into()))
            }
            fn from_datum(datum: Datum<'_>) -> Result<$ty> {
                let text = match datum {
                    Datum::Text(text) => text,
                    Datum::Json(json) => return from_json(&json),
                    other => return Err(mismatch("an interval", &other)),
                };
                match text.parse::<Interval>() {
                    Ok($interval) => $from,
                    Err(error) => to_json(&*text)
                        .and_then(|json| from_json(&json))
                        .or_else(|_| from_json(&text))
                        .map_err(|_| damaged(error)),
                }
            }
        }

        $(#[$meta])*
        impl Is<field_type_proof::String> for $ty {}

        $(#[$meta])*
        impl Plain for $ty {
            fn ty() -> Type {
                Type::Sql
            }
        }
    )* };
}

#[cfg(any(feature = "jiff", feature = "chrono"))]
durations! {
    #[cfg(feature = "jiff")] jiff::SignedDuration,
        |duration| from_micros(duration.as_micros()),
        |interval| interval.into_micros().map(jiff::SignedDuration::from_micros);
    #[cfg(feature = "jiff")] jiff::Span,
        |span| Interval::try_from(*span),
        |interval| jiff::Span::try_from(interval);
    #[cfg(feature = "chrono")] chrono::TimeDelta,
        |duration| from_micros(micros_of(*duration)),
        |interval| interval.into_micros().map(chrono::TimeDelta::microseconds);
}

/// In a document it is a text.
impl<T: RangeValue> Is<field_type_proof::String> for Range<T> {}

impl<T: RangeValue> Plain for Range<T> {
    fn ty() -> Type {
        Type::Sql
    }
}

/// `hstore`: the text is PostgreSQL's, `"a"=>"1", "b"=>NULL`.
impl Value for BTreeMap<String, Option<String>> {
    type Maybe = Option<Self>;

    fn to_datum(&self) -> Result<Datum<'_>> {
        let texts = self.iter().flat_map(|(key, value)| [Some(key), value.as_ref()]);
        texts.flatten().try_for_each(|text| check_text(text))?;
        Ok(Datum::Text(print_hstore(self).into()))
    }

    fn from_datum(datum: Datum<'_>) -> Result<Self> {
        let damaged = || Error::decode("the stored text is not an hstore");
        match datum {
            Datum::Text(text) => parse_hstore(&text).ok_or_else(damaged),
            Datum::Json(json) => from_json(&json),
            other => Err(mismatch("an hstore", &other)),
        }
    }
}

impl Plain for BTreeMap<String, Option<String>> {
    fn ty() -> Type {
        Type::Sql
    }
}

fn damaged<E: std::fmt::Display>(error: E) -> Error {
    Error::decode(format!("the stored text is {error}"))
}

texts! {
    IpAddr, sorts false, "an address", |address| address.to_string(),
        |text| text.parse().map_err(damaged).and_then(whole_address);
    IpNet, sorts false, "an address", |net| net.to_string(), |text| text.parse().map_err(damaged);
    MacAddr, sorts true, "an address", |address| address.to_string(), |text| text.parse().map_err(damaged);
    Bits, sorts true, "bits", |bits| bits.to_string(), |text| text.parse().map_err(damaged);
    Interval, sorts false, "an interval", |interval| interval.to_string(), |text| text.parse().map_err(damaged);
}

/// Returns an address that is not a network's. PostgreSQL prints `10.0.0.1/32`.
fn whole_address(net: IpNet) -> Result<IpAddr> {
    if net == IpNet::from(net.address) {
        return Ok(net.address);
    }
    Err(Error::decode("the stored address has a network")
        .with_help("read it as `kontract::value::IpNet`"))
}

/// The microseconds of a duration; finer parts are cut.
#[cfg(feature = "chrono")]
fn micros_of(duration: chrono::TimeDelta) -> i128 {
    i128::from(duration.num_seconds()) * 1_000_000 + i128::from(duration.subsec_nanos() / 1000)
}

#[cfg(any(feature = "jiff", feature = "chrono"))]
fn from_micros(micros: i128) -> Result<Interval> {
    let range = |_| Error::value("the duration is longer than an interval can be");
    i64::try_from(micros).map(Interval::from_micros).map_err(range)
}

/// In JSON they are their texts.
macro_rules! serde_by_text {
    ($($ty:ty),*) => { $(
        impl serde::Serialize for $ty {
            fn serialize<S: serde::Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $ty {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> std::result::Result<$ty, D::Error> {
                let text = <Cow<'de, str> as serde::Deserialize>::deserialize(from)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )* };
}

serde_by_text!(IpNet, MacAddr, Bits, Interval);
