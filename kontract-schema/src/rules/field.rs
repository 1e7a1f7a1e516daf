//! Fields that are added, removed or renamed: C1 to C5, C7, C8, C14, C15, C17 to C19, C22.
//!
//! C16 (proven empty) needs the database and is C14 for a build. C23 (another order) is not a change.
//! C24 is C1 to C3; C26 (skipped) is C14.

mod added;
mod removed;
mod renamed;
mod shifted;

pub(super) use added::RULES as ADDED;
pub use added::help_null_rows;
pub(super) use removed::RULES as REMOVED;
pub(super) use renamed::RULES as RENAMED;
