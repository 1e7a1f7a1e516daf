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
mod range;
mod range_literal;

pub use self::hstore::{parse_hstore, print_hstore};
pub use self::interval::{parse_interval, print_interval};
pub use self::network::parse_network;
pub use self::range_literal::{EMPTY_RANGE, parse_range, print_range};
use serde_json::Value;

use crate::model::{RangeOf, SqlKind, SqlType, Type};
use crate::sql::dml::RangeTest;

/// The types whose texts do not sort as their values do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `inet` and `cidr`.
    Inet,
    /// `interval`.
    Interval,
    /// A range.
    Range(RangeOf),
    /// A multirange.
    Multirange(RangeOf),
    /// `hstore`.
    Hstore,
}

impl Form {
    /// Returns the form of a column, or of the elements of its list, by the type of its field and the type
    /// that the column has on PostgreSQL.
    pub fn for_column(ty: &Type, sql_type: Option<&SqlType>) -> Option<Form> {
        let element = match ty {
            Type::Array(element) => element,
            ty => ty,
        };
        let kind = sql_type.filter(|_| *element == Type::Sql)?.kind();
        Form::for_kind(kind.innermost())
    }

    /// Returns the form of a type; `None` if its texts sort as its values do.
    pub fn for_kind(kind: &SqlKind) -> Option<Form> {
        Some(match kind {
            SqlKind::Inet | SqlKind::Cidr => Form::Inet,
            SqlKind::Interval(_) => Form::Interval,
            SqlKind::Range(of) => Form::Range(*of),
            SqlKind::Multirange(of) => Form::Multirange(*of),
            SqlKind::Hstore => Form::Hstore,
            _ => return None,
        })
    }

    /// Returns the stored text of a value; `None` if the text is not a value of the type.
    pub fn store(self, text: &str) -> Option<String> {
        match self {
            Form::Inet => network::store(text),
            Form::Interval => interval::store(text),
            Form::Range(of) => range::store(text, of),
            Form::Multirange(of) => range::store_many(text, of),
            Form::Hstore => hstore::store(text),
        }
    }

    /// Returns the text of a stored value, as PostgreSQL prints it. A text in another form, from another
    /// program, is the value.
    pub fn load(self, stored: &str) -> String {
        let found = match self {
            Form::Inet => network::load(stored),
            Form::Interval => interval::load(stored),
            Form::Range(of) => range::load(stored, of),
            Form::Multirange(of) => range::load_many(stored, of),
            Form::Hstore => hstore::load(stored),
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
    let is_value = match kind {
        SqlKind::VarBit(_) => text.bytes().all(|byte| matches!(byte, b'0' | b'1')),
        SqlKind::Macaddr => {
            let is_byte = |part: &str| part.len() == 2 && u8::from_str_radix(part, 16).is_ok();
            text.split(':').count() == 6 && text.split(':').all(is_byte)
        }
        kind => match Form::for_kind(kind) {
            Some(form) => return form.normalize(text).map(Value::from),
            None => return Some(value.clone()),
        },
    };
    is_value.then(|| text.to_lowercase().into())
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
