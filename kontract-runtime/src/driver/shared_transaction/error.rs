//! The errors of handles that are used at the wrong time.

use crate::error::{Error, Kind};

/// A handle that is used after its transaction, or its part of one.
pub(super) fn over() -> Error {
    let what = "the transaction that this handle belongs to is over";
    Error::new(Kind::Transaction, what).with_help(
        "behind the closure use the handles of the storage; within it, a future of this transaction was given up (by a timeout, a `select!`), or a part panicked, which ends all of it",
    )
}

/// A handle that is used while a part of its transaction is under way.
pub(super) fn inside_another() -> Error {
    let what = "a part of this transaction (`tx.transaction(…)`) is under way, and this handle is not the part's";
    Error::new(Kind::Transaction, what).with_help(
        "inside of the part use the handles that its closure got; parts run one after the other, not side by side",
    )
}

/// A statement after one that failed.
pub(super) fn failed() -> Error {
    let what = "an earlier statement of this transaction failed, so nothing more can be done in it";
    Error::new(Kind::Transaction, what).with_help(
        "return that error from the closure; to go on after an error, run the statement that may fail in `tx.transaction(…)`, which is a savepoint",
    )
}

/// A commit after a statement that failed.
pub(super) fn not_committed() -> Error {
    let what = "a statement of the transaction failed, and the closure went on: everything was rolled back";
    Error::new(Kind::Transaction, what).with_help(
        "return the error from the closure; to go on after an error, run the statement that may fail in `tx.transaction(…)`, which is a savepoint",
    )
}
