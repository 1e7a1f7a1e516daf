//! Typed columns, and the conditions made of them.
//!
//! A filter says at least one thing: there is no empty one, so that none can stand for "all rows"
//! by accident.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::ops::{BitAnd, BitOr, Not};

use crate::assign::Assign;
use crate::datum::Datum;
use crate::error::Result;
use crate::record::Record;
use crate::value::Value;

/// A field of `R` of type `T`: `User::age`.
///
/// Texts compare as the database compares texts. An enum is such a text, the name of its variant:
/// `gt`, `lt` and orders go by that name, not by the place of the variant in the enum.
pub struct Column<R, T> {
    place: usize,
    of: PhantomData<fn() -> (R, T)>,
}

impl<R, T> Clone for Column<R, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R, T> Copy for Column<R, T> {}

/// A condition on rows of `R`: `User::age.gt(18.0) & User::name.starts_with("A")`.
///
/// A comparison with a field that has no value is never true; `not` does not make it true.
#[must_use = "a filter does nothing until it is given to a query"]
pub struct Filter<R> {
    pub(crate) node: Node,
    of: PhantomData<fn() -> R>,
}

/// An order of rows: `User::age.desc()`.
#[must_use = "an order does nothing until it is given to a query"]
pub struct Order<R> {
    pub(crate) place: usize,
    pub(crate) descending: bool,
    of: PhantomData<fn() -> R>,
}

/// A condition, by the positions of fields.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    Compare {
        place: usize,
        op: Compare,
        value: Datum<'static>,
    },
    In {
        place: usize,
        values: Vec<Datum<'static>>,
    },
    IsNull {
        place: usize,
    },
    Text {
        place: usize,
        op: Text,
        text: String,
    },
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    /// A value that cannot be sent, and why.
    Refused(Cow<'static, str>),
}

/// A comparison of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compare {
    Eq,
    /// True also where exactly one of the two has no value.
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

/// A comparison of texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Text {
    Like,
    Contains,
    StartsWith,
}

impl<R: Record, T: Value> Column<R, T> {
    /// The field at that position of the struct.
    pub const fn new(place: usize) -> Column<R, T> {
        Column { place, of: PhantomData }
    }

    /// Equal; with `None`: has no value.
    pub fn eq(self, value: impl Assign<T>) -> Filter<R> {
        self.compare(Compare::Eq, value)
    }

    /// Not equal. A field without a value is not equal to any value.
    pub fn ne(self, value: impl Assign<T>) -> Filter<R> {
        self.compare(Compare::Ne, value)
    }

    /// Greater.
    pub fn gt(self, value: impl Assign<T>) -> Filter<R> {
        self.compare(Compare::Gt, value)
    }

    /// Greater or equal.
    pub fn ge(self, value: impl Assign<T>) -> Filter<R> {
        self.compare(Compare::Ge, value)
    }

    /// Less.
    pub fn lt(self, value: impl Assign<T>) -> Filter<R> {
        self.compare(Compare::Lt, value)
    }

    /// Less or equal.
    pub fn le(self, value: impl Assign<T>) -> Filter<R> {
        self.compare(Compare::Le, value)
    }

    /// At least the first and at most the second.
    pub fn between(self, low: impl Assign<T>, high: impl Assign<T>) -> Filter<R> {
        self.ge(low) & self.le(high)
    }

    /// Equal to one of them; never true for an empty list.
    pub fn is_in<V: Assign<T>>(self, values: impl IntoIterator<Item = V>) -> Filter<R> {
        let owned = |value: V| self.datum(value.assign());
        let values: Result<Vec<_>> = values.into_iter().map(owned).collect();
        Filter::of(match values {
            Ok(values) => Node::In { place: self.place, values },
            Err(error) => Node::Refused(error.to_string().into()),
        })
    }

    /// Has no value.
    pub fn is_null(self) -> Filter<R> {
        Filter::of(Node::IsNull { place: self.place })
    }

    /// Has a value.
    pub fn is_not_null(self) -> Filter<R> {
        !self.is_null()
    }

    /// Smallest first; rows without a value last.
    pub fn asc(self) -> Order<R> {
        Order { place: self.place, descending: false, of: PhantomData }
    }

    /// Greatest first; rows without a value last.
    pub fn desc(self) -> Order<R> {
        Order { place: self.place, descending: true, of: PhantomData }
    }

    /// A value as the column compares it.
    fn datum(self, value: T) -> Result<Datum<'static>> {
        let datum = match R::meta().is_inside(self.place) {
            true => value.to_member(),
            false => value.to_datum(),
        };
        datum.map(Datum::into_owned)
    }

    fn compare(self, op: Compare, value: impl Assign<T>) -> Filter<R> {
        let place = self.place;
        Filter::of(match self.datum(value.assign()) {
            Ok(Datum::Null) if op == Compare::Eq => Node::IsNull { place },
            Ok(Datum::Null) if op == Compare::Ne => Node::Not(Box::new(Node::IsNull { place })),
            Ok(value) => Node::Compare { place, op, value },
            Err(error) => Node::Refused(error.to_string().into()),
        })
    }
}

/// A field that holds text: `String` or `Option<String>`.
pub trait TextField: Value {}
impl TextField for String {}
impl TextField for Option<String> {}

impl<R: Record, T: TextField> Column<R, T> {
    /// Matches an SQL pattern: `%` stands for anything, `_` for one character, `\` takes the next
    /// one as it is. Upper and lower case differ, on both databases.
    pub fn like(self, pattern: impl Into<String>) -> Filter<R> {
        let pattern = pattern.into();
        match ends_within_an_escape(&pattern) {
            true => Filter::of(Node::Refused(
                "the pattern of `like` ends with a single `\\`, which takes no next character"
                    .into(),
            )),
            false => self.text(Text::Like, pattern),
        }
    }

    /// Contains this text; nothing in it is special.
    pub fn contains(self, text: impl Into<String>) -> Filter<R> {
        self.text(Text::Contains, text.into())
    }

    /// Begins with this text; nothing in it is special.
    pub fn starts_with(self, text: impl Into<String>) -> Filter<R> {
        self.text(Text::StartsWith, text.into())
    }

    fn text(self, op: Text, text: String) -> Filter<R> {
        Filter::of(match crate::value::check_text(&text) {
            Ok(()) => Node::Text { place: self.place, op, text },
            Err(error) => Node::Refused(error.to_string().into()),
        })
    }
}

/// PostgreSQL refuses such a pattern where it meets a row, SQLite finds nothing.
fn ends_within_an_escape(pattern: &str) -> bool {
    pattern.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1
}

impl<R> Filter<R> {
    fn of(node: Node) -> Filter<R> {
        Filter { node, of: PhantomData }
    }

    /// Both; the same as `&`.
    pub fn and(self, other: Filter<R>) -> Filter<R> {
        Filter::of(match (self.node, other.node) {
            (Node::And(mut all), Node::And(rest)) => {
                all.extend(rest);
                Node::And(all)
            }
            (Node::And(mut all), node) => {
                all.push(node);
                Node::And(all)
            }
            (node, Node::And(mut all)) => {
                all.insert(0, node);
                Node::And(all)
            }
            (node, other) => Node::And(vec![node, other]),
        })
    }

    /// At least one of both; the same as `|`.
    pub fn or(self, other: Filter<R>) -> Filter<R> {
        Filter::of(match (self.node, other.node) {
            (Node::Or(mut all), Node::Or(rest)) => {
                all.extend(rest);
                Node::Or(all)
            }
            (Node::Or(mut all), node) => {
                all.push(node);
                Node::Or(all)
            }
            (node, Node::Or(mut all)) => {
                all.insert(0, node);
                Node::Or(all)
            }
            (node, other) => Node::Or(vec![node, other]),
        })
    }
}

impl<R> Clone for Filter<R> {
    fn clone(&self) -> Self {
        Filter::of(self.node.clone())
    }
}

impl<R> BitAnd for Filter<R> {
    type Output = Filter<R>;
    fn bitand(self, other: Filter<R>) -> Filter<R> {
        self.and(other)
    }
}

impl<R> BitOr for Filter<R> {
    type Output = Filter<R>;
    fn bitor(self, other: Filter<R>) -> Filter<R> {
        self.or(other)
    }
}

impl<R> Not for Filter<R> {
    type Output = Filter<R>;
    fn not(self) -> Filter<R> {
        Filter::of(Node::Not(Box::new(self.node)))
    }
}
