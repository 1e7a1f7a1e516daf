//! What most files of an application use: `use kontract::prelude::*;`.
//!
//! The derives, serde's two, and the types of fields.

pub use kontract_macros::{Document, Enum, Projection, Table, Value};
#[cfg(feature = "decimal")]
pub use kontract_runtime::Decimal;
pub use kontract_runtime::{Bytes, Json, Keyed, Record, Selects, Timestamp, Uuid};
pub use serde::{Deserialize, Serialize};
