//! What the actions of a step depend on of a database, as data.

use kontract_schema::dialect::Dialect;

/// What the runner can rely on, on one connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Capabilities {
    /// The scripts of the lock file that it runs.
    pub(super) dialect: Dialect,
    /// The lock is held from the first step to the last. Otherwise each transaction is a lock of its
    /// own, and looks again for what other runners did.
    pub(super) lock_spans_steps: bool,
    /// A statement can run outside a transaction while the lock is held.
    pub(super) runs_outside_transactions: bool,
    /// A statement can leave a role, settings or cursors behind in the session.
    pub(super) keeps_session_state: bool,
    /// Some changes rebuild a table, which drops what others created on it.
    pub(super) rebuilds_tables: bool,
    /// Constraints of adopted tables can be renamed.
    pub(super) renames_constraints: bool,
    /// Names that differ in upper and lower case name the same table.
    pub(super) ignores_case: bool,
    /// A script can repeat a statement.
    pub(super) has_loops: bool,
}

impl Capabilities {
    /// The capabilities of that database.
    pub(super) fn of(dialect: Dialect) -> &'static Capabilities {
        match dialect {
            Dialect::Postgres => &Capabilities::POSTGRES,
            Dialect::Sqlite => &Capabilities::SQLITE,
        }
    }

    /// PostgreSQL, on a session that holds an advisory lock.
    pub(super) const POSTGRES: Capabilities = Capabilities {
        dialect: Dialect::Postgres,
        lock_spans_steps: true,
        runs_outside_transactions: true,
        keeps_session_state: true,
        rebuilds_tables: false,
        renames_constraints: true,
        ignores_case: false,
        has_loops: true,
    };

    /// SQLite, where the transaction is the lock.
    pub(super) const SQLITE: Capabilities = Capabilities {
        dialect: Dialect::Sqlite,
        lock_spans_steps: false,
        runs_outside_transactions: true,
        keeps_session_state: false,
        rebuilds_tables: true,
        renames_constraints: false,
        ignores_case: true,
        has_loops: false,
    };
}
