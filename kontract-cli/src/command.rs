//! The commands, a file each.

pub mod check;
pub mod diff;
pub mod drift;
pub mod explain;
pub mod flatbuffers;
pub mod init;
pub mod introspect;
pub mod migrate;
pub mod plan;
pub mod rebase;
pub mod reset;
pub mod seal;
pub mod seed;
pub mod sql;
pub mod status;
pub mod verify;
