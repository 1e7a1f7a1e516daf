//! SQL that users or databases wrote: words, names and expressions of it.

pub(crate) mod expression;
mod keyword;

#[cfg(feature = "parse")]
pub(crate) use self::expression::columns as columns_of;
pub use self::expression::{Expr, parse as parse_expr};
pub(crate) use self::expression::{in_order, needs_brackets};
pub(crate) use self::keyword::is_reserved;
