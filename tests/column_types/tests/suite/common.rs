//! What the modules of the types use.

use std::fmt::Debug;

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

/// Whether two values are shown alike: not every type has `==`.
pub fn same(one: &dyn Debug, other: &dyn Debug) -> bool {
    format!("{one:?}") == format!("{other:?}")
}

/// Returns the places of values in their order: the last two may be one value.
pub fn ranks<T: Debug>(values: &[T; 3]) -> [usize; 3] {
    if same(&values[1], &values[2]) { [0, 1, 1] } else { [0, 1, 2] }
}

/// Reads a value.
pub fn of<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}
