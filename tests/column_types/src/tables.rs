//! For each type the tables of `tests/suite/tables.rs`: as columns, in lists, in a document, as keys.

pub mod address;
pub mod cents;
pub mod email;
pub mod host;
pub mod mood;
pub mod samples;
pub mod settings;
pub mod status;
pub mod tags;
pub mod user_id;
pub mod weather;
