//! The package's source code → its tables, enums and documents.

pub mod source_file;

mod tokens;

pub mod cfg;
mod derives;
pub mod scan;

pub mod items;

pub mod disabled_by_cfg;
pub mod source_notes;
