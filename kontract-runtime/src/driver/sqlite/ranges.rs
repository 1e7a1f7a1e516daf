//! The function that compares ranges with values and with other ranges.

use kontract_schema::dialect::dml::RANGES;
use kontract_schema::model::{RangeOf, SqlKind, SqlType};
use kontract_schema::sql::dml::RangeTest;
use kontract_schema::stored_text::test_ranges;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Result};

/// Adds the function to a connection.
pub(super) fn register(connection: &Connection, flags: FunctionFlags) -> Result<()> {
    connection.create_scalar_function(RANGES, 4, flags, compare)
}

/// The function [`RANGES`].
fn compare(context: &Context<'_>) -> Result<Option<bool>> {
    let (Some(range), Some(other)) = (read_text(context, 2)?, read_text(context, 3)?) else {
        return Ok(None);
    };
    let found = find_test(context)?.zip(find_type(context)?);
    let found = found.and_then(|(test, of)| test_ranges(test, of, &range, &other));
    let refused = || {
        let what = "a text is not a range of its column's type";
        rusqlite::Error::UserFunctionError(what.into())
    };
    found.map(Some).ok_or_else(refused)
}

fn find_test(context: &Context<'_>) -> Result<Option<RangeTest>> {
    let word = context.get_raw(0).as_str()?;
    let all = [RangeTest::ContainsValue, RangeTest::ContainsRange, RangeTest::Overlaps];
    Ok(all.into_iter().find(|test| test.word() == word))
}

fn find_type(context: &Context<'_>) -> Result<Option<RangeOf>> {
    let ty = SqlType::from_text(context.get_raw(1).as_str()?.to_owned());
    Ok(match ty.kind() {
        SqlKind::Range(of) => Some(*of),
        _ => None,
    })
}

/// An argument as text; `None` is NULL.
fn read_text(context: &Context<'_>, place: usize) -> Result<Option<String>> {
    Ok(match context.get_raw(place) {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        text => Some(text.as_str()?.to_owned()),
    })
}
