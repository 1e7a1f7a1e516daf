//! Tests the schema crate with golden files, random schemas, and real databases.

mod additive;
#[cfg(feature = "parse")]
mod breaking;
mod checks;
mod conversions;
mod database;
mod flatbuffers_ids;
mod golden;
mod hidden_changes;
#[cfg(feature = "parse")]
mod index_conditions;
mod index_options;
mod keys;
mod lossless_changes;
#[cfg(feature = "parse")]
mod native_enums;
mod postgres;
mod properties;
#[cfg(feature = "parse")]
mod public_changes;
mod random_schemas;
mod rebase;
mod renamed_variants;
#[cfg(feature = "parse")]
mod rules_reference;
mod sqlite;
mod step_facts;
#[cfg(feature = "parse")]
mod suggested_attributes;
#[cfg(feature = "parse")]
mod suggestions;
mod unique_references;
mod violations;
