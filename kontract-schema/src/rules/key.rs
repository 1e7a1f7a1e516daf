//! Primary keys: P1 and P5. A change of the key's type is P2, among the types. A table without a
//! key (P3, P4) is refused before.

use super::{Judgement, Verdict};
use crate::change::Change;
use crate::code;

/// P1: other columns. P5: the same in another order.
pub fn changed(change: &Change, from: &[String], to: &[String]) -> Judgement {
    let list = |fields: &[String]| {
        fields.iter().map(|field| format!("`{field}`")).collect::<Vec<_>>().join(", ")
    };
    let mut sorted = (from.to_vec(), to.to_vec());
    sorted.0.sort();
    sorted.1.sort();
    let rule = if sorted.0 == sorted.1 { "P5" } else { "P1" };
    let message = format!(
        "primary key of table `{}` changed from {} to {}",
        change.table,
        list(from),
        list(to)
    );
    Judgement::refuse(change, rule, Verdict::Dangerous, code::KEY_CHANGED, message)
        .flags("P B U")
        .note("rows may have no value or the same one there, and other tables refer to the old key")
        .help(format!("keep {} as the key", list(from)))
}
