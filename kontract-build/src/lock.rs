//! The lock file and the manual migrations on disk.

pub mod guard;
pub mod lock_file;
pub mod migrations;
mod read_error;
pub mod seal;
pub mod statements;
