//! What the modules of the types use.

pub use kontract::expr::count;
pub use kontract::prelude::*;
pub use kontract::query::Cursor;
pub use kontract::storage::Base;

pub use crate::cells::{Cells, is_refused, is_taken};

/// The values of a type.
pub struct Cases<T> {
    /// Values in the order of the databases.
    pub values: [T; 3],
    /// Values that the column does not store.
    pub refused: Vec<T>,
    /// A value that the column rounds, and what it stores.
    pub rounded: Option<(T, T)>,
    /// Two values that the database takes for equal.
    pub equal: Option<(T, T)>,
}

/// Reads a value.
pub fn of<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}
