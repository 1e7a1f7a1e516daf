//! Values of fields on their way to a database and back.
//!
//! [`Value`] is implemented for every type that a field can have; implement it for a type of your own
//! that has an `sql_type`.

pub use kontract_runtime::Value;
pub use kontract_runtime::datum::Datum;
