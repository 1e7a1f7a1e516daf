//! The savepoints of a transaction that several handles share: which of them a handle belongs to,
//! and whether it is its turn.
//!
//! A database has one stack of savepoints: to release or go back to one takes all that were set after
//! it along. So only the innermost part of a transaction may do anything; what is done beside it
//! would be lost or kept with a part that it does not belong to.

use std::cell::RefCell;

use crate::error::{Error, Kind, Result};

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

tokio::task_local! {
    /// The databases that have a transaction around this task which others may have to wait for.
    static AROUND: RefCell<Vec<usize>>;
}

/// Refuses what could wait for a transaction of that database around this task, which waits for it.
pub(crate) fn check_apart(database: usize) -> Result<()> {
    let is_around = AROUND.try_with(|around| around.borrow().contains(&database));
    if is_around.unwrap_or(false) { Err(own_task()) } else { Ok(()) }
}

/// Runs a future inside of a transaction which others may have to wait for in that database.
pub(crate) async fn run_inside<F: Future>(database: Option<usize>, work: F) -> F::Output {
    let around = AROUND.try_with(|around| around.borrow().clone()).unwrap_or_default();
    let around = around.into_iter().chain(database).collect();
    AROUND.scope(RefCell::new(around), work).await
}

/// A handle that is used after its transaction, or its part of one.
pub(crate) fn over() -> Error {
    let what = "the transaction that this handle belongs to is over";
    Error::new(Kind::Transaction, what).with_help(
        "behind the closure use the handles of the storage; within it, a future of this transaction was given up (by a timeout, a `select!`), or a part panicked, which ends all of it",
    )
}

/// A handle that is used while a part of its transaction is under way.
pub(crate) fn inside_another() -> Error {
    let what = "a part of this transaction (`tx.transaction(…)`) is under way, and this handle is not the part's";
    Error::new(Kind::Transaction, what).with_help(
        "inside of the part use the handles that its closure got; parts run one after the other, not side by side",
    )
}

/// A statement after one that failed.
pub(crate) fn failed() -> Error {
    let what = "an earlier statement of this transaction failed, so nothing more can be done in it";
    Error::new(Kind::Transaction, what).with_help(
        "return that error from the closure; to go on after an error, run the statement that may fail in `tx.transaction(…)`, which is a savepoint",
    )
}

/// A commit after a statement that failed.
pub(crate) fn not_committed() -> Error {
    let what = "a statement of the transaction failed, and the closure went on: everything was rolled back";
    Error::new(Kind::Transaction, what).with_help(
        "return the error from the closure; to go on after an error, run the statement that may fail in `tx.transaction(…)`, which is a savepoint",
    )
}

/// A write or lock of a handle outside of the transaction, which could wait for its own task for ever.
fn own_task() -> Error {
    let what = "a handle from outside of the transaction: what it changes or locks could wait for the transaction, which waits for it";
    Error::new(Kind::Transaction, what)
        .with_help("inside of a transaction use the handles that the closure got")
}
