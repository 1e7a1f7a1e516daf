//! Conditions on texts, and text functions.

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
        Filter::from_node(match crate::value::field_value::check_text(&text) {
            Ok(()) => Node::Text { of: Box::new(self.node), op, text },
            Err(error) => Node::Refused(Refusal::from_error(&error)),
        })
    }

    fn changed<U: Value>(self, function: Function, result: Option<(Type, Wire)>) -> Expr<S, U> {
        Expr::from_node(Node::Call { function, args: vec![self.node], result }.bounded())
    }
}

both! {
    impl Expr<S, T>, Column<Q, T> where S: Has<Q, I>; // a table there twice needs an `alias!`

    /// True if the text matches an SQL pattern (`LIKE`): `%` matches any text, `_` one character,
    /// and `\` escapes the next character. Case-sensitive on both databases.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// assert_eq!(tasks.query(Task::title.like("Buy _____")).count().await?, 1);
    /// # Ok(()) })
    /// ```
    fn like(self, pattern: impl Into<String>) -> Filter<S> where [T: TextField] {
        let pattern = pattern.into();
        if ends_within_an_escape(&pattern) { Filter::from_node(Node::Refused(
                "the pattern of `like` ends with a single `\\`, which escapes no character"
                    .into(),
            )) } else { self.text(Text::Like, pattern) }
    }

    /// Contains this text. Case-sensitive; `%` and `_` are not wildcards.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// assert_eq!(tasks.query(Task::title.contains("milk")).count().await?, 1);
    /// # Ok(()) })
    /// ```
    fn contains(self, text: impl Into<String>) -> Filter<S> where [T: TextField] {
        self.text(Text::Contains, text.into())
    }

    /// Begins with this text. Case-sensitive; `%` and `_` are not wildcards.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// assert_eq!(tasks.query(Task::title.starts_with("Buy")).count().await?, 2);
    /// # Ok(()) })
    /// ```
    fn starts_with(self, text: impl Into<String>) -> Filter<S> where [T: TextField] {
        self.text(Text::StartsWith, text.into())
    }

    /// Contains all words, in any order and case, by PostgreSQL's full-text search
    /// ([`websearch_to_tsquery`](https://www.postgresql.org/docs/current/textsearch-controls.html)
    /// with the configuration `simple`: `"a b"` is a phrase, `-c` excludes a word, `or` separates
    /// alternatives). SQLite has no full-text search on ordinary tables: the query fails with
    /// [`Kind::Unsupported`](crate::Kind::Unsupported).
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let found = tasks.query(Task::title.matches("letter -milk")).await;
    /// assert_eq!(*found.unwrap_err().kind(), Kind::Unsupported); // on SQLite
    /// # Ok(()) })
    /// ```
    fn matches(self, words: impl Into<String>) -> Filter<S> where [T: TextField] {
        self.text(Text::Matches, words.into())
    }

    /// Converts to lower case; on SQLite only the letters A to Z.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// assert_eq!(users.query(User::name.lower().eq("ann")).count().await?, 1);
    /// # Ok(()) })
    /// ```
    fn lower(self) -> Self where [T: TextField] {
        self.changed(Function::Lower, None)
    }

    /// Converts to upper case; on SQLite only the letters a to z.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// assert_eq!(users.query(User::name.upper().eq("ANN")).count().await?, 1);
    /// # Ok(()) })
    /// ```
    fn upper(self) -> Self where [T: TextField] {
        self.changed(Function::Upper, None)
    }

    /// The number of characters; `None` if the text is NULL.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// assert_eq!(tasks.query(Task::title.length().gt(10)).count().await?, 1);
    /// # Ok(()) })
    /// ```
    fn length(self) -> Expr<S, Option<i64>> where [T: TextField] {
        self.changed(Function::Length, Some((Type::Bigint, Wire::one(Scalar::I64))))
    }
}

/// Returns whether the pattern ends within an escape. PostgreSQL refuses such a pattern when it
/// compares a row; SQLite finds nothing.
fn ends_within_an_escape(pattern: &str) -> bool {
    pattern.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1
}
