//! What the actions of a step depend on of the runner's connection. What the database can do is in
//! [`Capabilities`](kontract_schema::dialect::Capabilities).

use kontract_schema::dialect::Dialect;

/// What the connection of a runner guarantees.
#[derive(Clone, Copy, Debug)]
pub(super) struct Guarantees {
    /// The scripts of the lock file that it runs.
    pub(super) dialect: Dialect,
    /// The lock is held from the first step to the last. Otherwise each transaction is a lock of its
    /// own, and looks again for what other runners did.
    pub(super) lock_spans_steps: bool,
    /// A statement can run outside a transaction while the lock is held.
    pub(super) runs_outside_transactions: bool,
    /// A statement can leave a role, settings or cursors behind in the session.
    pub(super) keeps_session_state: bool,
}

impl Guarantees {
    /// PostgreSQL, on a session that holds an advisory lock.
    pub(super) const POSTGRES: Guarantees = Guarantees {
        dialect: Dialect::Postgres,
        lock_spans_steps: true,
        runs_outside_transactions: true,
        keeps_session_state: true,
    };

    /// SQLite, where the transaction is the lock.
    pub(super) const SQLITE: Guarantees = Guarantees {
        dialect: Dialect::Sqlite,
        lock_spans_steps: false,
        runs_outside_transactions: true,
        keeps_session_state: false,
    };
}
