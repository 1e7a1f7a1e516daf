//! What a recursive query may have.

use crate::error::{Error, Result};
use crate::sql::tree::Parts;

/// Refuses what databases cannot do in a recursive query: only its rows as a whole have an order.
pub(super) fn check_recursive(parts: &Parts) -> Result<()> {
    let is_bare = |parts: &Parts| {
        parts.order.is_empty()
            && parts.limit.is_none()
            && parts.offset.is_none()
            && parts.lock.is_none()
    };
    let Some((_, step)) = parts.union.last() else { return Ok(()) };
    let what = if !is_bare(parts) {
        "the rows that a recursive query begins with are ordered, limited or locked"
    } else if !is_bare(step) {
        "the step of a recursive query is ordered, limited or locked"
    } else if !step.is_plain() || !step.with.is_empty() {
        "the step of a recursive query has groups, a union, distinct rows or other queries"
    } else {
        return Ok(());
    };
    let help = "say it of the query behind `recursive`";
    Err(Error::value(what).with_help(help))
}
