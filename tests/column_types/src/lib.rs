//! An application with the types that only its build script can resolve: enums, newtypes and documents.
//! For each there are the tables of `tests/suite/tables.rs`.

pub mod tables;
pub mod types;

kontract::storage!();
