//! Tests of types of fields, on both databases.

mod enums;
mod newtypes;
