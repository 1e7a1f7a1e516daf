//! SQLite files full of what others created: migrations neither lose nor break any of it, or refuse
//! with its name.

mod cases;
mod file;
mod histories;
mod theirs;

#[path = "../../../kontract-schema/tests/suite/random_schemas.rs"]
#[allow(dead_code, reason = "the suite of the schema crate uses all of it")]
mod random_schemas;
