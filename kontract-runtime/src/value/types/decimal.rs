//! `rust_decimal::Decimal`.

use crate::error::Result;
use crate::value::datum::Datum;
use crate::value::document::from_json;
use crate::value::field_type_proof::{self, Is};
use crate::value::field_value::{Value, mismatch};

impl Is<field_type_proof::Decimal> for rust_decimal::Decimal {}

impl Value for rust_decimal::Decimal {
    type Maybe = Option<Self>;
    fn to_datum(&self) -> Result<Datum<'_>> {
        Ok(Datum::Decimal(*self))
    }
    fn from_datum(datum: Datum<'_>) -> Result<rust_decimal::Decimal> {
        match datum {
            Datum::Decimal(v) => Ok(v),
            Datum::Json(text) => from_json(&text),
            other => Err(mismatch("a decimal number", &other)),
        }
    }
}
