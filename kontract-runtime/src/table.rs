//! Typed handles.

/// Statements of a table, printed once.
#[derive(Default)]
pub(crate) struct Statements;
