//! Transactions over several statements, on the same handles.
//!
//! The closure gets a storage whose handles work inside of the transaction. What it returns decides:
//! `Ok` commits, `Err` rolls back; so do a panic and a future that is dropped. Inside of a transaction
//! a second one is a savepoint of the first, a part of it: while one is under way, only its own handles
//! do anything. A part that panics or is dropped ends the whole.
//!
//! After the database has refused a statement of a transaction, nothing more can be done in it, on
//! both databases (PostgreSQL would refuse, so SQLite does): return its error, or let the statement
//! run in a transaction of its own, a savepoint. A key that is taken ends it too, also where it is
//! Kontract that finds it. An update of a row that is not there ends nothing.
//!
//! Inside of the closure, a handle of the storage outside sees what was before, and changes and locks
//! nothing: that could wait for the transaction, which waits for the closure.

use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::driver::options::Transaction;
use crate::driver::shared_transaction::run_inside;
use crate::driver::{Backend, Ending};
use crate::error::{Kind, Result};

/// Runs some work in a transaction of that database, again where it met another one.
///
/// # Errors
/// That of the work; of beginning and committing.
pub(super) async fn run_transaction<T, W>(
    backend: &Backend,
    options: Transaction,
    work: impl Fn(Backend) -> W,
) -> Result<T>
where
    W: Future<Output = Result<T>>,
{
    let mut attempt = 1;
    loop {
        let (inside, ending) = begin(backend, &options).await?;
        let result = run_inside(ending.holds(), work(inside)).await;
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
                attempt += 1;
            }
            ended => return ended,
        }
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

/// A pause that grows, and is not the same for two that met.
fn pause(attempt: u32) -> Duration {
    let most = 5u64 << attempt.min(8);
    // The lowest bits of a new id are random.
    let random = uuid::Uuid::now_v7().as_u128() as u64;
    Duration::from_millis(most / 2 + random % most)
}
