//! How an interrupted migration is resolved.

/// How to resolve an interrupted migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// The whole migration is done: the tables are compared with those after it, and it counts as
    /// applied.
    Applied,
    /// What is done is undone, and the migration counts as not run.
    RolledBack {
        /// What it did was undone by hand: no statement is run, and the tables are compared.
        by_hand: bool,
        /// Rows or values may be lost.
        lose: bool,
    },
    /// The interrupted statement took effect: the migration continues after it.
    StatementDone,
    /// The interrupted statement did not take effect, or may run twice: it runs again.
    StatementAgain,
}
