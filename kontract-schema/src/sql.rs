//! Statement trees: SQL before it is text. `dialect/` prints them.
//!
//! Nothing here depends on a database: what the two dialects do differently is in their printers,
//! and which statements a migration needs on each is decided by [`plan`](crate::plan).

pub mod ddl;
pub mod dml;
pub mod enum_types;
pub mod place;
pub mod run_mode;
pub mod table;
