//! Transactions, nested transactions and retries.
//!
//! The closure gets a storage whose handles work inside of the transaction. `Ok` commits; `Err`, a
//! panic and a dropped future roll back. A transaction inside of another one is a savepoint: while
//! it is open, only its own handles work. A nested transaction that panics or is dropped ends the
//! outer one.
//!
//! After the database has refused a statement of a transaction, later statements of the transaction
//! fail, on both databases (PostgreSQL refuses them, so the runtime does the same on SQLite).
//! Return the error, or run a statement that may fail in a nested transaction. A duplicate key has
//! this effect too, even if Kontract finds it. An update of a missing row does not.
//!
//! Inside of the closure, a handle of the outer storage reads the data from before the transaction,
//! and cannot change or lock rows: it could wait for the transaction, which waits for the closure.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;

use super::access::Access;
use crate::driver::options::Transaction;
use crate::driver::shared_transaction::run_inside;
use crate::driver::{Backend, Ending};
use crate::error::{Kind, Result};

/// What a transaction begins on: a storage, or that of an owner.
pub trait Connection: Sized {
    #[doc(hidden)]
    fn access(&self) -> &Access;

    /// Returns this storage with another access to the same database.
    #[doc(hidden)]
    fn on(&self, access: Arc<Access>) -> Self;
}

/// Runs some work in a transaction. `of` makes its storage from the one inside of the transaction.
///
/// # Errors
/// The error of the work, and the errors of beginning and committing the transaction.
pub async fn transaction<B, S, T, F, W>(
    base: &B,
    options: Transaction,
    of: fn(B) -> S,
    work: F,
) -> Result<T>
where
    B: Connection,
    // Not `AsyncFn`: its future cannot be shown to be `Send`, so a task could not be spawned with
    // it. An `async` closure is such an `Fn` if it borrows what it uses.
    F: Fn(S) -> W,
    W: Future<Output = Result<T>>,
{
    let mut attempt = 1;
    loop {
        let (inside, ending) = begin(&base.access().backend, &options).await?;
        let inside = base.on(base.access().on(inside));
        let result = run_inside(ending.holds(), work(of(inside))).await;
        match end_attempt(result, ending, attempt, &options).await {
            Next::Return(result) => return result,
            Next::Again => attempt += 1,
        }
    }
}

/// What follows an attempt.
enum Next<T> {
    /// The transaction ends with this result.
    Return(Result<T>),
    /// The closure runs again.
    Again,
}

/// Ends an attempt: commits if the closure returned `Ok`, otherwise rolls back.
///
/// After a serialization failure or a deadlock, and a pause, the closure runs again while attempts are left.
async fn end_attempt<T>(
    result: Result<T>,
    ending: Ending,
    attempt: u32,
    options: &Transaction,
) -> Next<T> {
    let ended = match result {
        Ok(done) => commit(ending).await.map(|()| done),
        Err(error) => {
            let error = if ending.met_another() {
                // What the work made of it stays, but the kind says that it may run again.
                error.retryable()
            } else {
                error
            };
            rollback(ending).await;
            Err(error)
        }
    };
    match ended {
        Err(error) if *error.kind() == Kind::Retry && attempt < options.attempts => {
            tokio::time::sleep(pause(attempt)).await;
            Next::Again
        }
        ended => Next::Return(ended),
    }
}

// Boxed, so that they are compiled once and not with each closure.

fn begin<'a>(
    backend: &'a Backend,
    options: &'a Transaction,
) -> BoxFuture<'a, Result<(Backend, Ending)>> {
    Box::pin(backend.begin(options))
}

fn commit(ending: Ending) -> BoxFuture<'static, Result<()>> {
    Box::pin(ending.commit())
}

fn rollback(ending: Ending) -> BoxFuture<'static, ()> {
    Box::pin(ending.rollback())
}

/// Returns a pause that grows with each attempt, and is random, so that two transactions do not
/// meet again.
fn pause(attempt: u32) -> Duration {
    let most = 5u64 << attempt.min(8);
    // The lowest bits of a new id are random.
    let random = uuid::Uuid::now_v7().as_u128() as u64;
    Duration::from_millis(most / 2 + random % most)
}
