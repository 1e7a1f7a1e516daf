//! The texts in which SQLite keeps values of PostgreSQL's types, so that it compares and sorts them as
//! PostgreSQL does: first what they are ordered by, in a fixed width.
//!
//! | type | stored | example |
//! |---|---|---|
//! | `inet`, `cidr` | family, network, prefix and address, in hexadecimal digits | `4 0a000000 08 0a000001` for `10.0.0.1/8` |
//! | ranges | the places where the range begins and ends | `p500001:1.< p500001:6.<` for `[1,6)` |
//! | multiranges | those of its ranges | `p500001:1.< p500001:6.<` for `{[1,6)}` |
//! | `hstore` | a JSON object | `{"a":"1","b":null}` for `"a"=>"1", "b"=>NULL` |
//! | `interval` | microseconds, months counted as 30 days, and the interval | `00…0 1 mons 0 days 00:00:00.000000` |
//!
//! PostgreSQL compares intervals with months of 30 days and days of 24 hours. On SQLite two intervals
//! that are equal by that rule have adjacent places in the order, and are not equal.

mod hstore;
mod interval;
mod network;
mod number;
mod plain;
mod range;
mod range_literal;

pub use self::hstore::{parse_hstore, print_hstore};
pub use self::interval::{parse_interval, print_interval};
pub use self::network::parse_network;
pub use self::range_literal::{EMPTY_RANGE, parse_range, print_range};
use serde_json::Value;

use crate::model::{RangeOf, SqlKind, SqlType, Type};
use crate::sql::dml::RangeTest;

/// The types whose values have several texts. Those of the first ones do not sort as the values do either.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `inet`.
    Inet,
    /// `cidr`, which PostgreSQL prints with the prefix of a whole address, too.
    Cidr,
    /// `interval`.
    Interval,
    /// A range.
    Range(RangeOf),
    /// A multirange.
    Multirange(RangeOf),
    /// `hstore`.
    Hstore,
    /// `uuid`.
    Uuid,
    /// `macaddr`.
    Macaddr,
    /// `macaddr8`.
    Macaddr8,
    /// `bit` and `bit varying`.
    Bits,
}

impl Form {
    /// Returns the form in which SQLite keeps a column, or the elements of its list, by the type of its field
    /// and the type that the column has on PostgreSQL; `None` if it keeps the text that PostgreSQL prints.
    pub fn for_column(ty: &Type, sql_type: Option<&SqlType>) -> Option<Form> {
        let element = match ty {
            Type::Array(element) => element,
            ty => ty,
        };
        let kind = sql_type.filter(|_| *element == Type::Sql)?.kind();
        Form::for_kind(kind.innermost()).filter(|form| !form.sorts_as_printed())
    }

    /// Returns the form of a type; `None` if each of its values has one text, or texts that only PostgreSQL
    /// reads.
    pub fn for_kind(kind: &SqlKind) -> Option<Form> {
        Some(match kind {
            SqlKind::Inet => Form::Inet,
            SqlKind::Cidr => Form::Cidr,
            SqlKind::Interval(_) => Form::Interval,
            SqlKind::Range(of) => Form::Range(*of),
            SqlKind::Multirange(of) => Form::Multirange(*of),
            SqlKind::Hstore => Form::Hstore,
            SqlKind::Uuid => Form::Uuid,
            SqlKind::Macaddr => Form::Macaddr,
            SqlKind::Macaddr8 => Form::Macaddr8,
            SqlKind::Bit(_) | SqlKind::VarBit(_) => Form::Bits,
            _ => return None,
        })
    }

    /// Returns whether the texts that PostgreSQL prints sort as the values do.
    pub fn sorts_as_printed(self) -> bool {
        matches!(self, Form::Uuid | Form::Macaddr | Form::Macaddr8 | Form::Bits)
    }

    /// Returns the name that PostgreSQL's messages have for the type.
    pub fn name(self) -> &'static str {
        match self {
            Form::Inet => "inet",
            Form::Cidr => "cidr",
            Form::Interval => "interval",
            Form::Range(_) => "range",
            Form::Multirange(_) => "multirange",
            Form::Hstore => "hstore",
            Form::Uuid => "uuid",
            Form::Macaddr => "macaddr",
            Form::Macaddr8 => "macaddr8",
            Form::Bits => "bit",
        }
    }

    /// Returns a value of the type as PostgreSQL prints it, for help.
    pub fn example(self) -> &'static str {
        match self {
            Form::Inet => "10.0.0.1",
            Form::Cidr => "10.0.0.0/8",
            Form::Interval => "1 day 02:30:00",
            Form::Range(RangeOf::Integer | RangeOf::BigInt) => "[1,6)",
            Form::Range(RangeOf::Numeric) => "[0.5,2.0)",
            Form::Range(RangeOf::Date) => "[2026-01-01,2026-02-01)",
            Form::Range(RangeOf::Timestamp) => "[\"2026-01-01 00:00:00\",)",
            Form::Range(RangeOf::TimestampTz) => "[\"2026-01-01 00:00:00+00\",)",
            Form::Multirange(_) => "{[1,6),[8,9)}",
            Form::Hstore => "\"key\"=>\"value\"",
            Form::Uuid => "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
            Form::Macaddr => "08:00:2b:01:02:03",
            Form::Macaddr8 => "08:00:2b:01:02:03:04:05",
            Form::Bits => "101",
        }
    }

    /// Returns the stored text of a value; `None` if the text is not a value of the type.
    pub fn store(self, text: &str) -> Option<String> {
        match self {
            Form::Inet | Form::Cidr => network::store(text),
            Form::Interval => interval::store(text),
            Form::Range(of) => range::store(text, of),
            Form::Multirange(of) => range::store_many(text, of),
            Form::Hstore => hstore::store(text),
            Form::Uuid => plain::print_uuid(text),
            Form::Macaddr => plain::print_macaddr(text),
            Form::Macaddr8 => plain::print_macaddr8(text),
            Form::Bits => plain::print_bits(text),
        }
    }

    /// Returns the text of a stored value, as PostgreSQL prints it. A text in another form, from another
    /// program, is the value.
    pub fn load(self, stored: &str) -> String {
        let found = match self {
            Form::Inet => network::load(stored, false),
            Form::Cidr => network::load(stored, true),
            Form::Interval => interval::load(stored),
            Form::Range(of) => range::load(stored, of),
            Form::Multirange(of) => range::load_many(stored, of),
            Form::Hstore => hstore::load(stored),
            Form::Uuid | Form::Macaddr | Form::Macaddr8 | Form::Bits => None,
        };
        found.unwrap_or_else(|| stored.to_owned())
    }

    /// Returns a text as PostgreSQL prints the value; `None` if it is not a value of the type.
    pub fn normalize(self, text: &str) -> Option<String> {
        self.store(text).map(|stored| self.load(&stored))
    }
}

/// Returns a constant of a type whose values travel as text, or a list of such constants, as PostgreSQL
/// prints it; `None` if it is not a value of the type.
pub fn normalize_constant(kind: &SqlKind, value: &Value) -> Option<Value> {
    let (kind, text) = match (kind, value) {
        (SqlKind::Array(element), Value::Array(items)) => {
            let items = items.iter().map(|item| normalize_constant(element, item));
            return items.collect::<Option<Vec<Value>>>().map(Value::from);
        }
        (kind, Value::String(text)) => (kind, text),
        _ => return None,
    };
    match Form::for_kind(kind) {
        Some(form) => form.normalize(text).map(Value::from),
        None => Some(value.clone()),
    }
}

/// Returns the answer of a test of a range and a value or another range, as they are stored or in documents;
/// `None` if a text is not one of the type.
pub fn test_ranges(test: RangeTest, of: RangeOf, range: &str, other: &str) -> Option<bool> {
    match test {
        RangeTest::ContainsValue => range::contains_value(range, other, of),
        RangeTest::ContainsRange => range::contains_range(range, other, of),
        RangeTest::Overlaps => range::overlaps(range, other, of),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each is less than the next one for PostgreSQL, too.
    fn assert_sorted(form: Form, texts: &[&str]) {
        let stored: Vec<String> =
            texts.iter().map(|text| form.store(text).expect("a value")).collect();
        assert!(stored.is_sorted_by(|a, b| a < b), "{stored:#?}");
        for (text, stored) in texts.iter().zip(&stored) {
            assert_eq!(form.store(&form.load(stored)).as_ref(), Some(stored), "{text}");
        }
    }

    #[test]
    fn stored_texts_sort_as_values_do() {
        assert_sorted(
            Form::Inet,
            &[
                "0.0.0.0/0",
                "10.0.0.0/8",
                "10.0.0.1/8",
                "10.0.0.0/9",
                "10.0.0.0",
                "10.0.0.1",
                "192.168.0.1",
                "::/0",
                "::1",
                "2001:db8::/32",
                "2001:db8::1",
            ],
        );
        assert_sorted(
            Form::Interval,
            &[
                "-178956970 years",
                "-1 mon",
                "-00:00:01",
                "00:00:00",
                "00:00:00.000001",
                "23:59:59",
                "1 day 00:00:01",
                "29 days 23:00:00",
                "1 mon 00:00:01",
                "1 year",
            ],
        );
        assert_sorted(
            Form::Range(RangeOf::Integer),
            &["empty", "(,-1)", "(,)", "[-10,-9)", "[-2,5)", "[-2,)", "[0,1)", "[9,11)", "[10,11)"],
        );
        assert_sorted(
            Form::Range(RangeOf::Numeric),
            &["(,0.5)", "(,0.5]", "[-0.5,1)", "[1,2)", "[1,2]", "(1,2)", "[1.05,)", "[10,20)"],
        );
        assert_sorted(
            Form::Multirange(RangeOf::Date),
            &["{}", "{[2026-01-01,2026-02-01)}", "{[2026-01-01,2026-02-01),[2027-01-01,)}"],
        );
        assert_eq!(Form::Inet.load("of another program"), "of another program");
        assert_eq!(Form::Interval.load("1 day"), "1 day");
    }
}
