//! The function that makes of a computed value what a column with limits stores.

use std::sync::Arc;

use kontract_schema::dialect::dml::FIT;
use kontract_schema::model::{SqlKind, SqlType};
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Result};
use serde_json::Value as Json;

use crate::error::Error;
type BoxDynError = Box<dyn std::error::Error + Send + Sync>;
use crate::value::datum::Datum;
use crate::value::fit::fit;
use crate::value::json;
use crate::value::types::calendar::{parse_datetime, parse_instant, parse_time};

/// What the message of the function begins with.
pub(super) const REFUSED: &str = "kontract_fit: ";

/// Adds the function to a connection.
pub(super) fn register(connection: &Connection, flags: FunctionFlags) -> Result<()> {
    connection.create_scalar_function(FIT, 3, flags, stored)
}

/// The function [`FIT`]: of a value, the type of its column, and the name of its field.
fn stored(context: &Context<'_>) -> Result<Value> {
    let ty: Arc<SqlType> = context.get_or_create_aux(1, |text| {
        let text = text.as_str()?;
        SqlType::parse(text).map_err(|error| -> BoxDynError { error.to_string().into() })
    })?;
    let done = match context.get_raw(0) {
        ValueRef::Null => return Ok(Value::Null),
        ValueRef::Blob(bytes) => return Ok(Value::Blob(bytes.to_vec())),
        ValueRef::Integer(number) => fit(Datum::I64(number), ty.kind()).map(as_value),
        ValueRef::Real(number) => fit(Datum::F64(number), ty.kind()).map(as_value),
        text => stored_text(text.as_str()?, ty.kind()).map(Value::Text),
    };
    let field = context.get_raw(2).as_str()?;
    done.map_err(|error| {
        let message = format!("{REFUSED}`{field}`: {}", error.message());
        rusqlite::Error::UserFunctionError(message.into())
    })
}

/// A number as it is stored.
fn as_value(datum: Datum<'_>) -> Value {
    match datum {
        Datum::I64(number) => Value::Integer(number),
        Datum::F64(number) => Value::Real(number),
        _ => Value::Null,
    }
}

/// A text, or what is stored as text.
fn stored_text(text: &str, kind: &SqlKind) -> Result<String, Error> {
    let moment = |micros: Option<i64>, of: fn(i64) -> Datum<'static>| match micros {
        Some(micros) => fit(of(micros), kind).and_then(|datum| json::datum_to_text(&datum)),
        None => Err(Error::value("the text is not a time")),
    };
    match kind {
        SqlKind::Array(element) => {
            let items: Vec<Json> = crate::value::document::from_json(text)?;
            let items = items.into_iter().map(|item| stored_item(item, element));
            let items = items.collect::<Result<Vec<Json>, Error>>()?;
            Ok(Json::from(items).to_string())
        }
        SqlKind::Time(_) => moment(parse_time(text), Datum::Time),
        SqlKind::Timestamp(_) => moment(parse_datetime(text), Datum::DateTime),
        SqlKind::TimestampTz(_) => moment(parse_instant(text), Datum::Instant),
        kind => json::datum_to_text(&fit(Datum::Text(text.into()), kind)?),
    }
}

/// An element of a list, which is JSON.
fn stored_item(item: Json, kind: &SqlKind) -> Result<Json, Error> {
    Ok(match item {
        Json::String(text) => stored_text(&text, kind)?.into(),
        Json::Number(number) => {
            let datum = match number.as_i64() {
                Some(whole) => Datum::I64(whole),
                None => Datum::F64(number.as_f64().unwrap_or_default()),
            };
            match fit(datum, kind)? {
                Datum::I64(number) => number.into(),
                Datum::F64(number) => number.into(),
                _ => Json::Null,
            }
        }
        other => other,
    })
}
