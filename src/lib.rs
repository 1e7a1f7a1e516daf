//! A schema compiler for Rust: annotated structs become tables, typed handles and migrations that
//! are checked when the application is built.
#![forbid(unsafe_code)]

pub use kontract_macros::{Document, Enum, Projection, Table, storage};
pub use kontract_runtime::*;

#[doc(hidden)]
pub use kontract_runtime::__private;

/// What most files of an application want: `use kontract::prelude::*;`.
pub mod prelude {
    pub use kontract_macros::{Document, Enum, Projection, Table};
    #[cfg(feature = "decimal")]
    pub use kontract_runtime::Decimal;
    pub use kontract_runtime::{Bytes, Json, Record, Selects, Timestamp, Uuid};
    pub use serde::{Deserialize, Serialize};
}
