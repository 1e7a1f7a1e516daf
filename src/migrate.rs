//! Migrations: the runner for programs that run it themselves, and migrations written in Rust.
//!
//! `Storage::connect` applies pending migrations, so most programs need none of this. A
//! [`Migrator`] applies, reverts and lists them; [`Migration`] is a manual migration in Rust;
//! [`script`] prints the SQL that sets up an empty database.

pub use kontract_runtime::manage::*;
pub use kontract_runtime::{Dialect, Migration, MigrationDb, script};
