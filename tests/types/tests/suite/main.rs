//! Tests of types of fields, on both databases.

mod array_elements;
mod columns;
mod enums;
mod extensions;
mod keyless;
mod keys;
mod malformed;
mod named_types;
mod nested_lists;
mod newtypes;
mod ranges;
mod raw_rows;
