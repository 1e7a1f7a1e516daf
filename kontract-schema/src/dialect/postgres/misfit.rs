//! The values that a cast of PostgreSQL always refuses. Before PostgreSQL 16 a query cannot try a cast,
//! so that this file lists the forms which a cast accepts. It leaves forms that only some versions
//! accept to the cast.

use super::HERE;
use crate::model::types::Type;
use crate::model::widening::holds_all_of;

const INTEGER: &str = "^[[:space:]]*[+-]?[0-9]{1,255}[[:space:]]*$";

/// With the digits that newer servers accept: `0x1f`, `1_000`.
const LIKE_INTEGER: &str = "^[[:space:]]*[+-]?[0-9][0-9a-z_]*[[:space:]]*$";

const LIKE_NUMBER: &str = "^[[:space:]]*[+-]?(([0-9][0-9_]*[.]?[0-9_]*|[.][0-9][0-9_]*)(e[+-]?[0-9][0-9_]*)?|\
    0[xob][0-9a-f_.p+-]+|nan|inf|infinity)[[:space:]]*$";

const BOOLEAN: &str =
    "^[[:space:]]*(t|tr|tru|true|f|fa|fal|fals|false|y|ye|yes|n|no|on|of|off|1|0)[[:space:]]*$";

const UUID: &str = "^[{]?([0-9a-f]{4}-?){7}[0-9a-f]{4}[}]?$";

/// Returns a condition for values that do not fit; `None` if each value fits, or it is not known.
pub fn print_misfit(value: &str, from: &Type, to: &Type) -> Option<String> {
    use Type::*;
    if holds_all_of(to, from) {
        return None;
    }
    let unlike = |form: &str| format!("{value} !~* {}", HERE.literal(form));
    let outside = |value: &str| {
        let (least, most) = to.whole_range()?;
        Some(format!("{value} NOT BETWEEN {least} AND {most}"))
    };
    match (from, to) {
        (String, to) if to.whole_range().is_some() => Some(format!(
            "CASE WHEN {value} ~ {} THEN {} ELSE {} END",
            HERE.literal(INTEGER),
            outside(&format!("{value}::NUMERIC"))?,
            unlike(LIKE_INTEGER)
        )),
        (String, Number | Float32 | Decimal) => Some(unlike(LIKE_NUMBER)),
        (String, Boolean) => Some(unlike(BOOLEAN)),
        (String, Uuid) => Some(unlike(UUID)),
        (Number | Float32 | Decimal, _) => {
            Some(format!("({value} <> trunc({value}) OR {})", outside(value)?))
        }
        (from, to) => {
            let ((least, most), (lower, upper)) = (from.whole_range()?, to.whole_range()?);
            (least < lower || most > upper).then(|| outside(value)).flatten()
        }
    }
}
