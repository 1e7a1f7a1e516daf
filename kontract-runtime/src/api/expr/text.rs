//! Conditions on texts, and functions of them.

use kontract_schema::Type;
use kontract_schema::sql::dml::Function;

use super::Expr;
use super::shared_methods::both;
use crate::api::filter::{Column, Filter};
use crate::error::Refusal;
use crate::sql::scope::{Has, Presence, Source};
use crate::sql::tree::node::{Node, Text};
use crate::value::field_value::Value;
use crate::value::wire::{Scalar, Wire};

/// A field that holds text: `String` or `Option<String>`.
#[diagnostic::on_unimplemented(message = "`{Self}` is not a text", label = "not a text")]
pub trait TextField: Value {}
impl TextField for String {}
impl TextField for Option<String> {}

impl<S, T: Value> Expr<S, T> {
    fn text(self, op: Text, text: String) -> Filter<S> {
        Filter::of(match crate::value::field_value::check_text(&text) {
            Ok(()) => Node::Text { of: Box::new(self.node), op, text },
            Err(error) => Node::Refused(Refusal::of(&error)),
        })
    }

    fn changed<U: Value>(self, function: Function, result: Option<(Type, Wire)>) -> Expr<S, U> {
        Expr::of(Node::Call { function, args: vec![self.node], result }.bounded())
    }
}

both! {
    impl Expr<S, T>, Column<Q, T> where S: Has<Q, I>; // a table there twice needs an `alias!`

    /// Matches an SQL pattern: `%` matches anything, `_` one character, `\` takes the next
    /// one as it is. Upper and lower case differ, on both databases.
    fn like(self, pattern: impl Into<String>) -> Filter<S> where [T: TextField] {
        let pattern = pattern.into();
        if ends_within_an_escape(&pattern) { Filter::of(Node::Refused(
                "the pattern of `like` ends with a single `\\`, which takes no next character"
                    .into(),
            )) } else { self.text(Text::Like, pattern) }
    }

    /// Contains this text. Case-sensitive; `%` and `_` are not wildcards.
    ///
    /// ```
    /// # use kontract_doc_tables::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let (users, tasks) = demo().await?;
    /// assert_eq!(tasks.query(Task::title.contains("milk")).count().await?, 1);
    /// # Ok(()) }
    /// ```
    fn contains(self, text: impl Into<String>) -> Filter<S> where [T: TextField] {
        self.text(Text::Contains, text.into())
    }

    /// Begins with this text; nothing in it is special.
    fn starts_with(self, text: impl Into<String>) -> Filter<S> where [T: TextField] {
        self.text(Text::StartsWith, text.into())
    }

    /// Has all the words, in any order, upper or lower case, by PostgreSQL's full text search
    /// ([`websearch_to_tsquery`](https://www.postgresql.org/docs/current/textsearch-controls.html)
    /// with the configuration `simple`: `"a b"` is a phrase, `-c` excludes, `or` is or). SQLite has
    /// no such search on ordinary tables: there the query fails with
    /// [`Kind::Unsupported`](crate::Kind::Unsupported).
    fn matches(self, words: impl Into<String>) -> Filter<S> where [T: TextField] {
        self.text(Text::Matches, words.into())
    }

    /// In lower case: on SQLite the letters A to Z only.
    fn lower(self) -> Self where [T: TextField] {
        self.changed(Function::Lower, None)
    }

    /// In upper case: on SQLite the letters a to z only.
    fn upper(self) -> Self where [T: TextField] {
        self.changed(Function::Upper, None)
    }

    /// The number of characters; what has no text has no length.
    fn length(self) -> Expr<S, Option<i64>> where [T: TextField] {
        self.changed(Function::Length, Some((Type::Bigint, Wire::one(Scalar::I64))))
    }
}

/// PostgreSQL refuses such a pattern where it meets a row, SQLite finds nothing.
fn ends_within_an_escape(pattern: &str) -> bool {
    pattern.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1
}
