//! `kontract.lock.json`: the sealed schema, the history of migrations with all their statements, and
//! the draft.

pub(crate) mod file;
pub mod flatbuffers_ids;
mod former_fields;
mod origin;
pub mod rebase;

pub use crate::plan::{NewIndex, Obstacle, Script, Scripts, Step};
pub use file::{ChangeRecord, FORMAT, LockFile, Manual, Migration, ReadError};
pub use origin::{Origin, VERSION};
