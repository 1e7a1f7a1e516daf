//! Tests of types of fields, on both databases.

mod columns;
mod enums;
mod named_types;
mod newtypes;
mod ranges;
