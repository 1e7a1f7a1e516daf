//! The savepoints of a transaction that several handles share: which of them a handle belongs to,
//! and whether it is its turn.
//!
//! A database has one stack of savepoints: to release or go back to one takes all that were set after
//! it along. So only the innermost part of a transaction may do anything; what is done beside it
//! would be lost or kept with a part that it does not belong to.

use crate::error::Result;
use crate::transaction::{inside_another, over};

/// The part of a transaction that a handle belongs to: a savepoint, or [`WHOLE`].
pub(super) type Part = u32;

/// The transaction itself.
pub(super) const WHOLE: Part = 0;

/// The savepoints that are set, from the outside in, with what there was to remember at each.
#[derive(Default)]
pub(super) struct Savepoints<T> {
    set: Vec<(Part, T)>,
    last: Part,
}

impl<T> Savepoints<T> {
    /// Refuses a handle whose part is not the innermost.
    pub(super) fn check(&self, part: Part) -> Result<()> {
        let innermost = self.set.last().map_or(WHOLE, |(innermost, _)| *innermost);
        if part == innermost {
            return Ok(());
        }
        let is_set = part == WHOLE || self.set.iter().any(|(set, _)| *set == part);
        Err(if is_set { inside_another() } else { over() })
    }

    /// A new part inside of the innermost.
    pub(super) fn set(&mut self, remember: T) -> Part {
        self.last += 1;
        self.set.push((self.last, remember));
        self.last
    }

    /// Takes a part off, and those inside of it: what was remembered, and whether it was innermost.
    pub(super) fn take(&mut self, part: Part) -> Result<(T, bool)> {
        let place = self.set.iter().position(|(set, _)| *set == part).ok_or_else(over)?;
        let is_innermost = place + 1 == self.set.len();
        self.set.truncate(place + 1);
        let (_, remembered) = self.set.pop().ok_or_else(over)?;
        Ok((remembered, is_innermost))
    }
}

/// The name of a part's savepoint.
pub(super) fn name(part: Part) -> String {
    format!("s{part}")
}
