//! SQL text from users and databases: the one lexer, and what can be read from its tokens.
//!
//! Nothing here parses whole statements; only the database decides whether a statement is valid.

#[cfg(feature = "parse")]
mod columns;
mod condition;
pub(crate) mod expression;
#[cfg(feature = "parse")]
mod foreign;
#[cfg(feature = "parse")]
mod functions;
mod guard;
mod keyword;
#[cfg(feature = "parse")]
mod mistake;
mod names;
mod statements;
mod token;
#[cfg(feature = "parse")]
mod truth;

#[cfg(test)]
mod tests;

#[cfg(feature = "parse")]
pub(crate) use self::columns::find_columns;
pub(crate) use self::condition::{Known, cannot_be_false, implies, value_of};
#[cfg(feature = "parse")]
pub(crate) use self::expression::skip_type;
pub use self::expression::{ParsedExpr, parse_expression};
pub(crate) use self::expression::{needs_brackets, split_order};
#[cfg(feature = "parse")]
pub(crate) use self::foreign::find_foreign;
#[cfg(feature = "parse")]
use self::functions::find_missing_function;
pub use self::guard::{
    counts_changed_rows, first_word, locks_rows, needs_no_transaction, numbered_parameters,
    refused_in_pool, sets_foreign_keys, transaction_control,
};
#[cfg(feature = "parse")]
pub(crate) use self::keyword::is_value_word;
pub use self::keyword::{RESERVED_WORDS, is_reserved};
#[cfg(feature = "parse")]
pub use self::mistake::{Expressions, find_mistake};
pub use self::names::{list_names, replace_names, split_at_commas};
pub use self::statements::{StatementText, Unclosed, split_statements, without_blanks};
pub use self::token::{Token, TokenKind, Tokens, tokens, words};
#[cfg(feature = "parse")]
pub(crate) use self::truth::{ValueType, find_wrong_condition};

use crate::database::Dialect;
