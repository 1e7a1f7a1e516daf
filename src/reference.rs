//! Reference: attributes, field types, configuration, what `storage!()` brings in, owners, and
//! changes.
//!
//! Pages to look things up in; they contain no items. Tests compare them with what the derives, the
//! build script and the databases do.

pub mod attributes;
pub mod changes;
pub mod configuration;
pub mod owners;
pub mod storage;
pub mod types;
