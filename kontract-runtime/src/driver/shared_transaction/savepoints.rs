//! The savepoints of a shared transaction: which of them a handle belongs to, and whether it is the
//! innermost.
//!
//! A database has one stack of savepoints: releasing one, or rolling back to it, includes all later
//! ones. So only the handles of the innermost part may run statements: the statement of another one
//! would be kept or rolled back with a part that it does not belong to.

use super::error::{inside_another, over};
use crate::error::Result;

/// The part of a transaction that a handle belongs to: the number of a savepoint, or [`WHOLE`].
pub(super) type Part = u32;

/// The whole transaction.
pub(super) const WHOLE: Part = 0;

/// The savepoints that are set, the outermost first, each with the mark of its beginning.
pub(super) struct Savepoints<M> {
    set: Vec<(Part, M)>,
    last: Part,
}

impl<M> Savepoints<M> {
    /// None are set yet.
    pub(super) fn new() -> Savepoints<M> {
        Savepoints { set: Vec::new(), last: WHOLE }
    }

    /// Refuses a handle whose part is not the innermost.
    pub(super) fn check(&self, part: Part) -> Result<()> {
        let innermost = self.set.last().map_or(WHOLE, |(innermost, _)| *innermost);
        if part == innermost {
            return Ok(());
        }
        let is_set = part == WHOLE || self.set.iter().any(|(set, _)| *set == part);
        Err(if is_set { inside_another() } else { over() })
    }

    /// Begins a part inside of the innermost one.
    pub(super) fn set(&mut self, mark: M) -> Part {
        self.last += 1;
        self.set.push((self.last, mark));
        self.last
    }

    /// Removes a part and those inside of it. Returns its mark, and whether it was the innermost.
    pub(super) fn take(&mut self, part: Part) -> Result<(M, bool)> {
        let index = self.set.iter().position(|(set, _)| *set == part).ok_or_else(over)?;
        let is_innermost = index + 1 == self.set.len();
        self.set.truncate(index + 1);
        let (_, mark) = self.set.pop().ok_or_else(over)?;
        Ok((mark, is_innermost))
    }
}

/// The name of a part's savepoint.
pub(super) fn savepoint_name(part: Part) -> String {
    format!("s{part}")
}
