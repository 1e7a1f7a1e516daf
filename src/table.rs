//! What the methods of a [`Table`](struct@crate::Table) take and return.
//!
//! The derive implements the traits; code that is generic over tables names them.

pub use kontract_runtime::{
    Assign, DeletedAt, Distinct, GivenRow, Insert, Key, Keyed, NewRow, Ordered, Owned, OwnerTable,
    Patch, Record, Row, SoftDelete, TableHandle, Tracked, UniqueBy, Versioned,
};
