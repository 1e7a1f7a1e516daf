//! Sums and extremes of what SQLite keeps as text: decimals, and dates with time in documents. Its own
//! functions take texts as texts, or as floating point numbers.

use kontract_schema::dialect::dml::{DECIMAL, MAX, MIN, PLAIN, SUM};
use rusqlite::functions::{Aggregate, Context, FunctionFlags};
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Result};

use crate::value::fit::digits::compare;
use crate::value::types::calendar::{format_datetime, format_time, parse_moment};

/// Adds the functions to a connection.
pub(super) fn register(connection: &Connection, flags: FunctionFlags) -> Result<()> {
    #[cfg(feature = "decimal")]
    connection.create_aggregate_function(SUM, 1, flags, Sum)?;
    #[cfg(not(feature = "decimal"))]
    let _ = SUM; // Without decimals there are none as text.
    connection.create_collation(DECIMAL, compare)?;
    connection.create_scalar_function(PLAIN, 1, flags, plain)?;
    connection.create_aggregate_function(MIN, 1, flags, Extreme { is_least: true })?;
    connection.create_aggregate_function(MAX, 1, flags, Extreme { is_least: false })
}

/// What values are compared by.
#[derive(PartialEq, PartialOrd)]
enum By {
    #[cfg(feature = "decimal")]
    Decimal(rust_decimal::Decimal),
    /// In microseconds.
    Moment(i64),
}

/// The argument, and what it is compared by; none of NULL.
fn argument(context: &Context<'_>) -> Result<Option<(By, Value)>> {
    let value = context.get_raw(0);
    let text = match value {
        ValueRef::Null => return Ok(None),
        ValueRef::Text(_) => value.as_str()?.to_owned(),
        // A number of a document that another program has written.
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Blob(_) => return Err(refused("a value is neither a decimal nor a time")),
    };
    #[cfg(feature = "decimal")]
    if let Ok(decimal) = text.parse() {
        return Ok(Some((By::Decimal(decimal), Value::Text(text))));
    }
    let moment = parse_moment(&text).and_then(|micros| Some((micros, as_column(&text, micros)?)));
    match moment {
        Some((micros, text)) => Ok(Some((By::Moment(micros), Value::Text(text)))),
        None => Err(refused("a value is neither a decimal nor a time")),
    }
}

/// The function [`PLAIN`].
fn plain(context: &Context<'_>) -> Result<Value> {
    Ok(match argument(context)? {
        None => Value::Null,
        #[cfg(feature = "decimal")]
        Some((By::Decimal(decimal), _)) => Value::Text(decimal.normalize().to_string()),
        Some((By::Moment(_), text)) => text,
    })
}

/// The moment as a column would keep it: serde writes those of each crate in another form.
fn as_column(text: &str, micros: i64) -> Option<String> {
    match text.split_once(['T', ' ']) {
        None => format_time(micros),
        Some((_, time)) if time.contains(['Z', '+', '-']) => Some(format_datetime(micros)? + "Z"),
        Some(_) => format_datetime(micros),
    }
}

fn refused(why: &'static str) -> rusqlite::Error {
    rusqlite::Error::UserFunctionError(why.into())
}

/// The functions [`MIN`] and [`MAX`].
struct Extreme {
    is_least: bool,
}

impl Aggregate<Option<(By, Value)>, Value> for Extreme {
    fn init(&self, _: &mut Context<'_>) -> Result<Option<(By, Value)>> {
        Ok(None)
    }

    fn step(&self, context: &mut Context<'_>, best: &mut Option<(By, Value)>) -> Result<()> {
        let Some(found) = argument(context)? else { return Ok(()) };
        let is_better = match &best {
            None => true,
            Some((best, _)) if self.is_least => found.0 < *best,
            Some((best, _)) => found.0 > *best,
        };
        if is_better {
            *best = Some(found);
        }
        Ok(())
    }

    fn finalize(&self, _: &mut Context<'_>, best: Option<Option<(By, Value)>>) -> Result<Value> {
        Ok(best.flatten().map_or(Value::Null, |(_, value)| value))
    }
}

/// The function [`SUM`].
#[cfg(feature = "decimal")]
struct Sum;

#[cfg(feature = "decimal")]
impl Aggregate<Option<rust_decimal::Decimal>, Value> for Sum {
    fn init(&self, _: &mut Context<'_>) -> Result<Option<rust_decimal::Decimal>> {
        Ok(None)
    }

    fn step(
        &self,
        context: &mut Context<'_>,
        sum: &mut Option<rust_decimal::Decimal>,
    ) -> Result<()> {
        match argument(context)? {
            None => return Ok(()),
            Some((By::Decimal(decimal), _)) => {
                let before = sum.unwrap_or_default();
                let added = before.checked_add(decimal);
                *sum = Some(added.ok_or_else(|| refused("the sum does not fit into a decimal"))?);
            }
            Some(_) => return Err(refused("a value is not a decimal")),
        }
        Ok(())
    }

    fn finalize(
        &self,
        _: &mut Context<'_>,
        sum: Option<Option<rust_decimal::Decimal>>,
    ) -> Result<Value> {
        Ok(sum.flatten().map_or(Value::Null, |sum| Value::Text(sum.to_string())))
    }
}
