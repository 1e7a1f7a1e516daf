//! The schema model of Kontract: the types that all other crates exchange.
//!
//! ```text
//! Rust source ──parse──▶ RawTable ──check──▶ Schema ─┬─▶ lock ⇄ kontract.lock.json
//! kontract.lock.json ──────read────────▶ old Schema ─┴─▶ diff ─▶ judge ─▶ plan ─▶ SQL text
//! ```
//!
//! The crate is pure: no files, environment, clock, randomness or database. The same input gives
//! the same bytes.
#![forbid(unsafe_code)]

pub mod calendar;
pub mod database;
pub mod hash;
pub mod intent;
pub mod model;
pub mod name;
mod serde;

pub mod code;
pub mod diagnostic;
pub mod registry;
pub mod verdict;

pub mod dialect;
pub mod sql;
pub mod sqltext;
pub mod stored_text;

#[cfg(feature = "parse")]
pub mod source;

pub mod change;
pub mod gate;
pub mod lock;
pub mod migration;
pub mod plan;
pub mod rules;

pub mod catalog;
pub mod export;
#[cfg(feature = "parse")]
pub mod introspect;

pub use model::{Field, Schema, Table, Type};
