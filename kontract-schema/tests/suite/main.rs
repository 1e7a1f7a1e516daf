//! Tests the schema crate with golden files, random schemas, and real databases.

mod additive;
#[cfg(feature = "parse")]
mod breaking;
mod capacity;
mod conversions;
mod database;
#[cfg(feature = "parse")]
mod expressions;
mod generate;
mod golden;
mod ids;
mod obstacles;
mod postgres;
mod properties;
mod rebase;
#[cfg(feature = "parse")]
mod rows;
mod sqlite;
mod steps;
#[cfg(feature = "parse")]
mod suggestions;
mod variants;
