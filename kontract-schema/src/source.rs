//! From Rust source to a checked schema: [`parse`] reads items into [`raw`] values, [`check`] makes
//! a [`Schema`](crate::model::Schema) of them.

pub mod attributes;
pub mod check;
pub mod parse;
pub mod raw;
