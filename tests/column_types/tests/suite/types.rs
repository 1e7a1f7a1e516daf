//! The types of columns, each with values, and what its column does not store as it is.

mod application;
mod lists;
mod numbers;
mod others;
mod ranges;
mod texts;
mod times;

use std::future::Future;
use std::pin::Pin;

use super::cells::Cells;

/// The name of a type, and what is done with it.
pub type Check =
    (&'static str, for<'a> fn(&'a str, &'a mut Cells) -> Pin<Box<dyn Future<Output = ()> + 'a>>);

macro_rules! checks {
    ($($name:literal: $file:ident::$module:ident,)*) => {
        pub const CHECKS: &[Check] =
            &[$(($name, |url, to| Box::pin($file::$module::check(url, to)))),*];
    };
}

checks! {
    "`String`": texts::text,
    "`String` as `varchar(5)`": texts::varchar,
    "`String` as `char(5)`": texts::character,
    "`String` as `citext`": texts::citext,
    "`String` as `text COLLATE \"C\"`": texts::collated,
    "`String` as `bit(3)`": texts::bit,
    "`String` as `varbit(4)`": texts::varbit,
    "`String` as `inet`": texts::inet,
    "`String` as `interval`": texts::interval,
    "`String` as `uuid`": texts::uuid_text,
    "`String` as `json`": texts::json,
    "`String` as `jsonb`": texts::jsonb,
    "`String` as `xml`": texts::xml,
    "`String` as `tsvector`": texts::tsvector,
    "`String` as `tsquery`": texts::tsquery,
    "`String` as `ltree`": texts::ltree,
    "`String` as `int4range`": texts::range,
    "`String` as `int4multirange`": texts::multirange,
    "`String` as `hstore`": texts::hstore,
    "`String` as `macaddr8`": others::mac8,
    "`String` as `timetz`": times::zoned_time,
    "`String` as a domain": texts::domain,
    "`String` as a composite type": texts::composite,
    "`String` as an enum type": texts::enum_type,
    "`bool`": others::boolean,
    "`i8`": numbers::tiny,
    "`i16`": numbers::small,
    "`i32`": numbers::integer,
    "`i64`": numbers::long,
    "`i64` as `smallint`": numbers::long_as_small,
    "`i32` as `numeric(4)`": numbers::integer_as_numeric,
    "`u8`": numbers::byte,
    "`u16`": numbers::unsigned_small,
    "`u32`": numbers::unsigned_integer,
    "`u64` as `numeric(20)`": numbers::unsigned,
    "`f32`": numbers::single,
    "`f64`": numbers::double,
    "`f64` as `real`": numbers::double_as_single,
    "`f64` as `numeric(6,2)`": numbers::double_as_numeric,
    "`Decimal`": numbers::decimal,
    "`Decimal` as `numeric(6,2)`": numbers::money,
    "`Decimal` as `numeric(65,30)`": numbers::long_decimal,
    "`Vec<u8>`": others::byte_list,
    "`Bytes`": others::bytes,
    "`Uuid`": others::uuid,
    "`Json`": others::json,
    "`Timestamp`": times::timestamp,
    "`jiff::Timestamp`": times::instant,
    "`jiff::Timestamp` as `timestamptz(0)`": times::seconds,
    "`chrono::DateTime<Utc>`": times::chrono_instant,
    "`chrono::DateTime<Utc>` as `timestamptz(3)`": times::millis,
    "`time::OffsetDateTime`": times::time_instant,
    "`jiff::civil::DateTime`": times::civil,
    "`jiff::civil::DateTime` as `timestamp(3)`": times::civil_millis,
    "`chrono::NaiveDateTime`": times::chrono_civil,
    "`time::PrimitiveDateTime`": times::time_civil,
    "`jiff::civil::Date`": times::day,
    "`chrono::NaiveDate`": times::chrono_day,
    "`time::Date`": times::time_day,
    "`jiff::civil::Time`": times::civil_time,
    "`jiff::civil::Time` as `time(0)`": times::time_seconds,
    "`chrono::NaiveTime`": times::chrono_time,
    "`time::Time`": times::time_time,
    "`std::net::IpAddr`": others::address,
    "`kontract::value::IpNet`": others::net,
    "`kontract::value::IpNet` as `cidr`": others::cidr,
    "`kontract::value::MacAddr`": others::mac,
    "`kontract::value::Bits`": others::bits,
    "`kontract::value::Bits` as `bit(3)`": others::three_bits,
    "`kontract::value::Interval`": times::interval,
    "`jiff::Span`": times::span,
    "`jiff::SignedDuration`": times::duration,
    "`chrono::TimeDelta`": times::delta,
    "`kontract::value::Range<i32>`": ranges::range_i32,
    "`kontract::value::Range<i64>`": ranges::range_i64,
    "`kontract::value::Range<Decimal>`": ranges::range_decimal,
    "`kontract::value::Range<jiff::civil::Date>`": ranges::range_day,
    "`kontract::value::Range<chrono::NaiveDate>`": ranges::range_chrono_day,
    "`kontract::value::Range<jiff::civil::DateTime>`": ranges::range_civil,
    "`kontract::value::Range<chrono::NaiveDateTime>`": ranges::range_chrono_civil,
    "`kontract::value::Range<jiff::Timestamp>`": ranges::range_instant,
    "`kontract::value::Range<chrono::DateTime<Utc>>`": ranges::range_chrono_instant,
    "`Status`, with `#[derive(Enum)]`": application::status,
    "`Mood`, with `#[derive(Enum)]` and `#[native]`": application::mood,
    "`Weather(Mood)`, with `#[derive(Value)]`": application::weather,
    "`UserId(Uuid)`, with `#[derive(Value)]`": application::user_id,
    "`Email(String)`, with `#[derive(Value)]`": application::email,
    "`Cents(i64)`, with `#[derive(Value)]`": application::cents,
    "`Host(IpAddr)`, with `#[derive(Value)]`": application::host,
    "`Tags(Vec<String>)`, with `#[derive(Value)]`": application::tags,
    "`Address`, with `#[derive(Document)]`": application::address,
    "`Vec<String>`": lists::texts,
    "`Vec<String>` as `varchar(3)[]`": lists::varchars,
    "`Vec<i32>`": lists::numbers,
    "`Vec<Uuid>`": lists::uuids,
    "`Vec<Decimal>`": lists::decimals,
    "`Vec<jiff::Timestamp>`": lists::instants,
    "`Vec<std::net::IpAddr>`": lists::addresses,
    "`Vec<Json>`": lists::json_list,
    "`Vec<Vec<i32>>`": lists::nested,
    "`Vec<f32>` as `vector`": lists::vector,
    "`BTreeMap<String, Option<String>>` as `hstore`": lists::pairs,
}
