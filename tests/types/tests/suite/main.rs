//! Tests of types of fields, on both databases.

mod columns;
mod enums;
mod extensions;
mod named_types;
mod newtypes;
mod ranges;
