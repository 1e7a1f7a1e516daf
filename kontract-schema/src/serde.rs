//! Serialised forms that serde's derives do not have.

pub mod lines;
pub mod ordered_map;
