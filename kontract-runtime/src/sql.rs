//! Queries and changes as trees without types, and the statements that they become.

pub(crate) mod error_context;
pub(crate) mod feed;
pub(crate) mod lower;
pub mod meta;
pub(crate) mod own_type;
pub mod owner;
pub mod record;
pub mod scope;
mod statement_cache;
pub(crate) mod table_columns;
pub(crate) mod table_statements;
pub(crate) mod tree;
