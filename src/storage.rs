//! What is behind `Storage`: the connection, and what the program expects of its database.
//!
//! The `Storage` that [`storage!`](crate::storage!) brings in dereferences to [`Base`].

pub use kontract_runtime::{Base, HasRegistry, OwnerBase, Registry};
