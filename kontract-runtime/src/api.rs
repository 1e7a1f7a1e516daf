//! What an application calls: the storage, its tables and queries, and the typed parts of them.

pub(crate) mod access;
pub mod changes;
pub mod expr;
pub mod filter;
pub mod inspector;
pub mod operation;
pub mod owner_storage;
pub mod patch;
pub mod query;
pub mod raw_statement;
pub mod storage;
pub mod table;
pub(crate) mod transaction;
