//! Raw SQL: statements as text, with bound values and typed rows.
//!
//! `storage.sql("SELECT id FROM tasks WHERE points > ?")` gives a [`Raw`]. Text that is not a literal
//! has to be wrapped in [`AssertSafe`].

pub use kontract_runtime::{AssertSafe, Bind, Columns, Plain, Raw, SafeSql};
