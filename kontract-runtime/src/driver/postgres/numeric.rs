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
        if sign & 0xC000 == 0xC000 {
            return range();
        }
        let groups = words.take(usize::try_from(count).unwrap_or_default());
        let groups: Vec<i128> = groups.map(i128::from).collect();
        let needed = needed_scale(&groups, weight);
        // Zeros at the end stay if there is room for them.
        let scales = [scale.min(Decimal::MAX_SCALE), needed];
        let mut tried = scales.into_iter().filter(|scale| *scale >= needed);
        let found = tried.find_map(|scale| {
            let mantissa = mantissa(&groups, weight, scale)?;
            let mantissa = if sign == NEGATIVE { -mantissa } else { mantissa };
            Decimal::try_from_i128_with_scale(mantissa, scale).ok()
        });
        match found {
            Some(decimal) => Some(Ok(Datum::Decimal(decimal))),
            None => range(),
        }
    }

    /// Returns how many digits are behind the point, up to the last that is not a zero.
    fn needed_scale(groups: &[i128], weight: i32) -> u32 {
        let Some(last) = groups.iter().rposition(|group| *group != 0) else { return 0 };
        let zeros = (1..4).take_while(|place| groups[last] % 10i128.pow(*place) == 0).count();
        let digits = (last as i32 - weight) * 4 - zeros as i32;
        u32::try_from(digits).unwrap_or_default()
    }

    /// Returns the value times 10^scale, whose other digits are zeros.
    fn mantissa(groups: &[i128], weight: i32, scale: u32) -> Option<i128> {
        let mut mantissa = 0i128;
        for (place, group) in (0..).zip(groups) {
            let exponent = (weight - place) * 4 + scale as i32;
            let part = match exponent {
                0..=28 => group.checked_mul(10i128.pow(exponent as u32))?,
                -3..=-1 => group / 10i128.pow(exponent.unsigned_abs()),
                ..=-4 => 0,
                _ if *group == 0 => 0,
                _ => return None,
            };
            mantissa = mantissa.checked_add(part)?;
        }
        Some(mantissa)
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn zeros_without_room_are_left_out() {
            // 1.25 and 0 with 30 digits behind the point, 12345 with 26.
            let read = |groups: &[u16], weight: i16, scale: u16| {
                let head = [groups.len() as u16, weight as u16, 0, scale];
                let words = head.iter().chain(groups).flat_map(|word| word.to_be_bytes());
                match read(&words.collect::<Vec<u8>>()) {
                    Some(Ok(Datum::Decimal(number))) => number.normalize().to_string(),
                    _ => "refused".to_owned(),
                }
            };
            assert_eq!(read(&[1, 2500], 0, 30), "1.25");
            assert_eq!(read(&[], 0, 30), "0");
            assert_eq!(read(&[1, 2345], 1, 26), "12345");
            assert_eq!(read(&[1], -7, 28), "0.0000000000000000000000000001");
            assert_eq!(read(&[1000], -8, 30), "refused");
            assert_eq!(read(&[1], -8, 32), "refused");
        }

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
