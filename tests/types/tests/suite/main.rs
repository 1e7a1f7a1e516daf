//! Tests of types of fields, on both databases.

mod newtypes;
