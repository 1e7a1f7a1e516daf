//! An application whose fields have types of its own. The tests in `tests/suite` use its storage.

pub mod columns;
pub mod enums;
pub mod keyless;
pub mod keys;
pub mod newtypes;
pub mod ranges;

kontract::storage!();
