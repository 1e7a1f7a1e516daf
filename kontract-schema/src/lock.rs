//! `kontract.lock.json`: what was released, what changed since, and every statement that was ever
//! generated for it.

mod file;
pub mod flatbuffers_ids;
pub(crate) mod format1;
mod former_fields;
pub mod rebase;

pub use crate::plan::{NewIndex, Obstacle, Script, Scripts, Step};
pub use file::{ChangeRecord, FORMAT, LockFile, Manual, Migration, ReadError};
