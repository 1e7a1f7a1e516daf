//! NUMERIC: `rust_decimal` writes it, through its `ToSql`. It is read here, from digits to base
//! 10,000, the weight of the first, sign, scale: `FromSql` of `rust_decimal` would round what
//! `Decimal` cannot hold, which has to be refused.

#[cfg(not(feature = "decimal"))]
pub(super) use without::read;

#[cfg(feature = "decimal")]
pub(super) use with::{put, read};

#[cfg(not(feature = "decimal"))]
mod without {
    use crate::error::{Error, Result};
    use crate::value::datum::Datum;

    pub(in crate::driver::postgres) fn read(_: &[u8]) -> Option<Result<Datum<'static>>> {
        Some(Err(Error::decode("decimal columns need the feature `decimal`")))
    }
}

#[cfg(feature = "decimal")]
mod with {
    use bytes::{BufMut, BytesMut};
    use postgres_types::{ToSql, Type};
    use rust_decimal::Decimal;

    use crate::error::{Error, Result};
    use crate::value::datum::Datum;

    const NEGATIVE: u16 = 0x4000;

    pub(in crate::driver::postgres) fn put(decimal: Decimal, out: &mut BytesMut) -> Result<()> {
        let written = decimal.to_sql(&Type::NUMERIC, out);
        written.map_err(|_| Error::value("the number is out of PostgreSQL's range"))?;
        if decimal.is_zero() {
            // It writes `0.00` as `0`. Without digits, the scale is last.
            let scale = out.len().saturating_sub(2);
            out.truncate(scale);
            out.put_u16(decimal.scale() as u16);
        }
        Ok(())
    }

    pub(in crate::driver::postgres) fn read(bytes: &[u8]) -> Option<Result<Datum<'static>>> {
        let mut words = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
        let count = i32::from(words.next()?);
        let weight = i32::from(words.next()? as i16);
        let sign = words.next()?;
        let scale = u32::from(words.next()?);
        let range = || Some(Err(Error::decode("the stored number is out of the range of Decimal")));
        if sign & 0xC000 == 0xC000 || scale > 28 {
            return range();
        }
        // The value times 10^scale.
        let mut mantissa = 0i128;
        for (place, group) in (0..count).zip(words) {
            let exponent = (weight - place) * 4 + scale as i32;
            let group = i128::from(group);
            let part = match exponent {
                0..=28 => group.checked_mul(10i128.pow(exponent as u32)),
                -3..=-1 => Some(group / 10i128.pow(exponent.unsigned_abs())),
                ..=-4 => Some(0),
                _ if group == 0 => Some(0),
                _ => None,
            };
            match part.and_then(|part| mantissa.checked_add(part)) {
                Some(sum) => mantissa = sum,
                None => return range(),
            }
        }
        if sign == NEGATIVE {
            mantissa = -mantissa;
        }
        match Decimal::try_from_i128_with_scale(mantissa, scale) {
            Ok(decimal) => Some(Ok(Datum::Decimal(decimal))),
            Err(_) => range(),
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn comes_back() {
            for text in [
                "0",
                "0.00",
                "1",
                "-1",
                "10000",
                "0.1",
                "0.0001",
                "0.00001",
                "123456789.987654321",
                "-79228162514264337593543950335",
                "7.9228162514264337593543950335",
                "12345.6789",
                "0.0000000000000000000000000001",
                "1000000000000000000000000000.0",
            ] {
                let decimal: Decimal = text.parse().expect("a decimal");
                let mut bytes = BytesMut::new();
                put(decimal, &mut bytes).expect("a number");
                match read(&bytes) {
                    Some(Ok(Datum::Decimal(back))) => assert_eq!(back.to_string(), text),
                    other => panic!("{text}: {other:?}"),
                }
            }
        }
    }
}
