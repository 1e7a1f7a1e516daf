//! Tests of types of fields, on both databases.

mod columns;
mod enums;
mod extensions;
mod keyless;
mod keys;
mod named_types;
mod newtypes;
mod ranges;
mod raw_rows;
