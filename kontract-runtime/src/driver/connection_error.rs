//! The errors of a missing connection, on both databases.

use kontract_schema::code;

use crate::error::{Error, Kind};

/// All connections stayed in use.
pub(super) fn none_free() -> Error {
    Error::new(Kind::Timeout, "no connection became free in time").with_code(code::UNREACHABLE)
}

/// The storage has no connections any more.
pub(super) fn closed() -> Error {
    Error::new(Kind::Connection, "the storage was closed")
}
