//! `kontract.lock.json`: what was released, what changed since, and every statement that was ever
//! generated for it.

pub(crate) mod file;
pub mod flatbuffers_ids;
mod former_fields;
pub mod rebase;

pub use crate::plan::{NewIndex, Obstacle, Script, Scripts, Step};
pub use file::{ChangeRecord, FORMAT, LockFile, Manual, Migration, ReadError};
