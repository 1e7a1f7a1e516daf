//! Values of fields: conversion between Rust types and what drivers send and receive. This floor
//! uses none above it.

pub mod assign;
pub mod datum;
pub(crate) mod derived;
pub(crate) mod document;
pub mod field_type_proof;
pub mod field_value;
pub(crate) mod fit;
pub(crate) mod id;
pub(crate) mod json;
pub mod range;
pub mod raw_columns;
pub mod row;
pub(crate) mod row_values;
mod text_values;
pub mod types;
pub(crate) mod wire;

pub use self::field_value::Value;
