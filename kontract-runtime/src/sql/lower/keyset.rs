//! Pages: the rows behind the one that a cursor names, by what they are ordered by.
//!
//! What rows are ordered by is read with them, in the form in which the database compares it, and
//! comes back as parameters; so a position is exact for every type.

use kontract_schema::Type;
use kontract_schema::dialect::dml;
use kontract_schema::model::SqlKind;
use kontract_schema::sql::dml::{Compare, Order as By, Select, SqlExpr};

use super::{Given, Lower, map_json, ranked};
use crate::error::{Error, Kind, Result};
use crate::sql::own_type;
use crate::sql::tree::node::{Field, Node};
use crate::sql::tree::{Among, Stretch};
use crate::value::datum::Datum;
use crate::value::field_value::check_text;
use crate::value::json;
use crate::value::types::from_base64;
use crate::value::wire::{Scalar, Wire};

/// Something that rows are ordered by.
struct Rank {
    by: By,
    /// How it is read, and given back.
    read: SqlExpr,
    wire: Wire,
    given: Given,
}

impl Lower {
    /// Orders the rows, reads what they are ordered by behind the other columns, and leaves only
    /// those of that stretch.
    pub(super) fn paged(
        &mut self,
        order: Vec<(Node, bool)>,
        Stretch { among, after }: Stretch,
        select: &mut Select,
        wires: &mut Vec<Wire>,
    ) -> Result<()> {
        let ranks = order.into_iter().map(|(node, descending)| self.rank(node, descending));
        let mut ranks: Vec<Rank> = ranks.collect::<Result<_>>()?;
        let first = ranks.first_mut().filter(|_| among != Among::All);
        let has_value = first.map(|first| {
            // All rows of the stretch have a value here, or none has: NULL needs no order of its own.
            first.by.nullable = false;
            let is_null = first.by.by.clone().is_null();
            if among == Among::Valued { !is_null } else { is_null }
        });
        let behind = match after {
            None => has_value,
            Some(after) if after.len() == ranks.len() => self.behind(&ranks, &after)?,
            Some(_) => return Err(unknown()),
        };
        select.filter = SqlExpr::all(select.filter.take().into_iter().chain(behind));
        for (place, rank) in ranks.into_iter().enumerate() {
            select.columns.push(rank.read);
            wires.push(rank.wire);
            if place > 0 || among != Among::Valueless {
                select.order.push(rank.by);
            }
        }
        // First, because the reader of a row does not know how many columns it has.
        let columns = i64::try_from(wires.len()).unwrap_or(i64::MAX);
        let number = SqlExpr::As(Box::new(SqlExpr::Number(columns)), "bigint".to_owned());
        select.columns.insert(0, number);
        wires.insert(0, Wire::one(Scalar::I64));
        Ok(())
    }

    fn rank(&mut self, node: Node, descending: bool) -> Result<Rank> {
        let nullable = self.is_nullable(&node);
        let (expr, given) = self.operand(node)?;
        self.check_order(&given)?;
        let by = ranked(self.comparable(expr.clone(), &given), &given);
        let has_types = self.database.has_decimals_and_dates;
        let is_number = matches!(by, SqlExpr::Moment(_)) && !has_types;
        let (read, wire) = match given.own {
            // Its text is exact, where the Rust type may have fewer digits.
            Some(own) if matches!(own.kind(), SqlKind::Numeric(_)) && has_types => {
                (own_type::read(own, &Type::String, expr), Wire::one(Scalar::Text))
            }
            Some(_) => (given.read(expr), given.wire),
            None if is_number => (by.clone(), Wire::one(Scalar::I64)),
            // SQLite's number for a decimal is not always the decimal.
            None if given.ty == Type::Decimal && !has_types => {
                (map_json(expr, |_| Type::String), given.wire)
            }
            None => (expr, given.wire),
        };
        if wire.is_list() || wire.scalar == Scalar::Json {
            let what = match given.field {
                Some(field) => {
                    let name = &field.meta.table.schema[field.place].name;
                    format!("pages cannot be ordered by a list or by JSON: `{name}`")
                }
                None => "pages cannot be ordered by a list or by JSON".to_owned(),
            };
            return Err(Error::value(what).with_help("order by a key in it: `.at(\"name\").get()`"));
        }
        Ok(Rank { by: By { by, descending, nullable }, read, wire, given })
    }

    /// `a >= $1 AND (a > $1 OR a = $1 AND (b > $2 OR …))`, where the first part is for an index.
    fn behind(&mut self, ranks: &[Rank], after: &[Option<String>]) -> Result<Option<SqlExpr>> {
        let (Some((rank, ranks)), Some((at, after))) = (ranks.split_first(), after.split_first())
        else {
            return Ok(None);
        };
        let of = || Box::new(rank.by.by.clone());
        let value = match at {
            Some(text) => {
                let datum = parse_datum(text, rank.wire.scalar).ok_or_else(unknown)?;
                let param = SqlExpr::Param(self.params.push(rank.wire, datum));
                Some(Box::new(ranked(self.given_back(rank, param), &rank.given)))
            }
            None => None,
        };
        let rest = self.behind(ranks, after)?;
        let Some(value) = value else {
            // Those without a value come last.
            let equal = rank.by.by.clone().is_null();
            return Ok(Some(match rest {
                Some(rest) => SqlExpr::And(vec![equal, rest]),
                None => SqlExpr::Number(0).eq(SqlExpr::Number(1)),
            }));
        };
        let (greater, not_less) = if rank.by.descending {
            (Compare::Lt, Compare::Le)
        } else {
            (Compare::Gt, Compare::Ge)
        };
        let compare = |op| SqlExpr::Compare(op, of(), value.clone());
        let with_nulls = |compared: SqlExpr| {
            if rank.by.nullable {
                SqlExpr::Or(vec![compared, rank.by.by.clone().is_null()])
            } else {
                compared
            }
        };
        let Some(rest) = rest else { return Ok(Some(with_nulls(compare(greater)))) };
        let equal = SqlExpr::And(vec![compare(Compare::Eq), rest]);
        let exact = SqlExpr::Or(vec![with_nulls(compare(greater)), equal]);
        Ok(Some(SqlExpr::And(vec![with_nulls(compare(not_less)), exact])))
    }

    /// A parameter as what it is compared with.
    fn given_back(&self, rank: &Rank, param: SqlExpr) -> SqlExpr {
        match (rank.given.own, &rank.given.ty) {
            (Some(own), ty) if rank.wire == rank.given.wire => own_type::compared(own, ty, param),
            (Some(own), _) => param.cast(dml::casts_to_assign(own, &Type::String)),
            // Beside a column, the collation of the column compares them.
            (None, Type::Decimal) if rank.given.field.is_none_or(Field::is_inside) => {
                SqlExpr::Numeric(Box::new(param))
            }
            (None, _) => param,
        }
    }
}

/// The error of a cursor that cannot be one of this query.
pub(crate) fn unknown() -> Error {
    let what = "the cursor is damaged, or is one of another query";
    let help = "give back the `next` of a page of the same query; without one it begins again";
    Error::new(Kind::Value, what).with_help(help)
}

/// A value that rows are ordered by, as text; `None` for NULL.
pub(crate) fn write(datum: &Datum<'_>) -> Result<Option<String>> {
    Ok(match datum {
        Datum::Null => None,
        Datum::Instant(micros) | Datum::DateTime(micros) | Datum::Time(micros) => {
            Some(micros.to_string())
        }
        Datum::Day(days) => Some(days.to_string()),
        datum => Some(json::datum_to_text(datum)?),
    })
}

/// Reads what [`write`] wrote.
pub(crate) fn parse_datum(text: &str, scalar: Scalar) -> Option<Datum<'static>> {
    Some(match scalar {
        Scalar::Bool => Datum::Bool(text.parse().ok()?),
        Scalar::I16 => Datum::I16(text.parse().ok()?),
        Scalar::I32 => Datum::I32(text.parse().ok()?),
        Scalar::I64 => Datum::I64(text.parse().ok()?),
        Scalar::F32 => Datum::F32(text.parse().ok()?),
        Scalar::F64 => Datum::F64(text.parse().ok()?),
        Scalar::Text | Scalar::Stored(_) | Scalar::Printed(_) => {
            Datum::Text(check_text(text).ok().map(|()| text.to_owned())?.into())
        }
        Scalar::Bytes => Datum::Bytes(from_base64(text)?.into()),
        Scalar::Uuid => Datum::Uuid(text.parse().ok()?),
        #[cfg(feature = "decimal")]
        Scalar::Decimal => Datum::Decimal(text.parse().ok()?),
        #[cfg(not(feature = "decimal"))]
        Scalar::Decimal => return None,
        Scalar::Instant => Datum::Instant(text.parse().ok()?),
        Scalar::DateTime => Datum::DateTime(text.parse().ok()?),
        Scalar::Day => Datum::Day(text.parse().ok()?),
        Scalar::Time => Datum::Time(text.parse().ok()?),
        Scalar::Json => return None,
    })
}
