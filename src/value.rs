//! Values of fields on their way to a database and back.
//!
//! [`Value`] is implemented for every type that a field can have; implement it for a type of your own
//! that has an `sql_type`.

/// ```
/// use kontract::prelude::*;
///
/// #[derive(Debug, Clone, Copy, PartialEq, Value)]
/// pub struct UserId(pub Uuid);
///
/// # /*
/// #[derive(Table)]
/// #[table(layout = "columns")]
/// pub struct User {
///     #[primkey]
///     pub id: UserId,
///     pub name: String,
/// }
///
/// let user = storage.users.get(UserId(id)).await?;
/// # */
/// ```
pub use kontract_macros::Value;
pub use kontract_runtime::Value;
pub use kontract_runtime::datum::Datum;
pub use kontract_runtime::{
    Bits, Interval, IpNet, MacAddr, ParseAddressError, ParseBitsError, ParseIntervalError,
    ParseRangeError, Range, RangeValue,
};
