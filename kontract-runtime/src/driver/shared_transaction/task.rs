//! Which transactions run around a task: a handle from outside of them could wait for itself.

use std::cell::RefCell;

use crate::error::{Error, Kind, Result};

tokio::task_local! {
    /// The databases with a transaction around this task that other writers may have to wait for.
    static AROUND: RefCell<Vec<usize>>;
}

/// Fails where a transaction of that database runs around this task: a statement outside of it could
/// wait for the transaction, which waits for the task.
pub(crate) fn check_apart(database: usize) -> Result<()> {
    let is_around = AROUND.try_with(|around| around.borrow().contains(&database));
    if is_around.unwrap_or(false) { Err(own_task()) } else { Ok(()) }
}

/// Runs a future inside of a transaction of that database that others may have to wait for.
pub(crate) async fn run_inside<F: Future>(database: Option<usize>, work: F) -> F::Output {
    let around = AROUND.try_with(|around| around.borrow().clone()).unwrap_or_default();
    let around = around.into_iter().chain(database).collect();
    AROUND.scope(RefCell::new(around), work).await
}

/// A write or lock of a handle outside of the transaction, which could wait for its own task for ever.
fn own_task() -> Error {
    let what = "a handle from outside of the transaction: what it changes or locks could wait for the transaction, which waits for it";
    Error::new(Kind::Transaction, what)
        .with_help("inside of a transaction use the handles that the closure got")
}
