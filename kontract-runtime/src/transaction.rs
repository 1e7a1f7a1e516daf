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

use std::cell::RefCell;
use std::time::Duration;

use crate::backend::Ending;
use crate::base::Base;
use crate::error::{Error, Kind, Result};

/// How transactions of a storage keep apart from each other. SQLite's are always serializable.
/// <https://www.postgresql.org/docs/current/transaction-iso.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isolation {
    /// Each statement sees what was committed before it: PostgreSQL's default.
    ReadCommitted,
    /// All statements see what was committed before the first of them.
    RepeatableRead,
    /// As if transactions ran one after the other; where they could not have, one of them is run
    /// again.
    Serializable,
}

/// How a transaction runs.
///
/// ```
/// # use kontract_runtime::{Isolation, Transaction};
/// let careful = Transaction::new().isolation(Isolation::Serializable).attempts(10);
/// # let _ = careful;
/// ```
#[derive(Clone, Debug)]
#[must_use = "options do nothing until a transaction is given them"]
pub struct Transaction {
    pub(crate) isolation: Option<Isolation>,
    pub(crate) read_only: bool,
    attempts: u32,
}

impl Default for Transaction {
    fn default() -> Self {
        Transaction::new()
    }
}

impl Transaction {
    /// With the isolation that the database has by default, up to five attempts.
    pub const fn new() -> Transaction {
        Transaction { isolation: None, read_only: false, attempts: 5 }
    }

    /// With that isolation.
    pub const fn isolation(self, isolation: Isolation) -> Transaction {
        Transaction { isolation: Some(isolation), ..self }
    }

    /// All statements see the same moment, and none of them can change anything. On SQLite others can
    /// write meanwhile.
    pub const fn read_only(self) -> Transaction {
        Transaction { read_only: true, ..self }
    }

    /// How often it is begun at most where the database says that it met another one
    /// ([`Kind::Retry`]); with `1` that is an error at once.
    pub const fn attempts(self, attempts: u32) -> Transaction {
        Transaction { attempts, ..self }
    }
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

/// Runs some work in a transaction.
///
/// # Errors
/// That of the work; of beginning and committing.
pub async fn transaction<S, T, F, W>(
    base: &Base,
    options: Transaction,
    of: fn(Base) -> S,
    work: F,
) -> Result<T>
where
    // Not `AsyncFn`: what it returns cannot be shown to be `Send`, so that no task could be spawned
    // with it. An `async` closure is such an `Fn` as long as it borrows what it uses.
    F: Fn(S) -> W,
    W: Future<Output = Result<T>>,
{
    let mut attempt = 1;
    loop {
        let (inside, ending) = base.begin(&options).await?;
        let around = AROUND.try_with(|around| around.borrow().clone()).unwrap_or_default();
        let around = around.into_iter().chain(ending.holds()).collect();
        let result = AROUND.scope(RefCell::new(around), work(of(inside))).await;
        let ended = match result {
            Ok(done) => ending.commit().await.map(|()| done),
            Err(error) => {
                let error = match ending.met_another() {
                    // What the work made of it stays, but the kind says that it may run again.
                    true => error.retryable(),
                    false => error,
                };
                ending.rollback().await;
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

/// A pause that grows, and is not the same for two that met.
fn pause(attempt: u32) -> Duration {
    let most = 5u64 << attempt.min(8);
    // The lowest bits of a new id are random.
    let random = uuid::Uuid::now_v7().as_u128() as u64;
    Duration::from_millis(most / 2 + random % most)
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

impl Base {
    /// Runs some work in a transaction; the generated `Storage` has the same with its own handles.
    ///
    /// The closure is run again, up to five times, where the database says that the transaction met
    /// another one (serialization failure, deadlock): what it does besides the database is then done
    /// again too.
    ///
    /// # Errors
    /// That of the closure; of beginning and committing. [`Kind::Transaction`] where a statement
    /// failed and the closure went on.
    pub async fn transaction<T, W>(&self, work: impl Fn(Base) -> W) -> Result<T>
    where
        W: Future<Output = Result<T>>,
    {
        transaction(self, Transaction::new(), |base| base, work).await
    }

    /// The same with options.
    ///
    /// # Errors
    /// As [`Base::transaction`].
    pub async fn transaction_with<T, W>(
        &self,
        options: Transaction,
        work: impl Fn(Base) -> W,
    ) -> Result<T>
    where
        W: Future<Output = Result<T>>,
    {
        transaction(self, options, |base| base, work).await
    }

    async fn begin(&self, options: &Transaction) -> Result<(Base, Ending)> {
        let (backend, ending) = self.backend().begin(options).await?;
        Ok((self.on(backend), ending))
    }
}
