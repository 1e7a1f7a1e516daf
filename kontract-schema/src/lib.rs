//! The schema model of Kontract: what enters and leaves every other crate.
//!
//! ```text
//! Rust source ──parse──▶ RawTable ──check──▶ Schema ─┬─▶ lock ⇄ kontract.lock.json
//! kontract.lock.json ──────read────────▶ old Schema ─┴─▶ diff ─▶ judge ─▶ plan ─▶ SQL text
//! ```
//!
//! The crate is pure: no files, environment, clock, randomness or database. The same input gives
//! the same bytes.
#![forbid(unsafe_code)]

pub mod model;
pub mod ty;

mod dropped;
mod entries;
pub mod hash;
pub mod ids;
mod lines;
pub mod name;

#[cfg(feature = "parse")]
pub mod check;
pub mod code;
pub mod diagnostic;
#[cfg(feature = "parse")]
pub mod parse;
#[cfg(feature = "parse")]
pub mod raw;

pub mod change;
pub mod diff;
pub mod gate;
pub mod group;
pub mod manual;
pub mod plan;
pub mod rebase;
pub mod rules;

pub mod catalog;

pub mod flatbuffers;
pub mod lock;
pub mod verdict;

pub mod sql;

pub mod dialect;

pub use model::{Field, Schema, Table};
pub use ty::Type;
