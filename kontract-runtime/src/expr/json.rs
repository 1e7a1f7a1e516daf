//! Into lists, nested documents and JSON.

use kontract_schema::Type;
use kontract_schema::sql::dml::PathKey;

use super::Expr;
use crate::assign::Assign;
use crate::filter::{Column, Filter};
use crate::node::Node;
use crate::scope::{Has, Source};
use crate::value::Value;
use crate::wire::Wire;

/// A field that is a list: `Vec<T>` or `Option<Vec<T>>`.
#[diagnostic::on_unimplemented(message = "`{Self}` is not a list", label = "not a list")]
pub trait List: Value {
    /// Its elements.
    type Element: Value;
}

impl<T: Value> List for Vec<T> {
    type Element = T;
}

impl<T: Value> List for Option<Vec<T>> {
    type Element = T;
}

impl<Q: Source, T: List> Column<Q, T> {
    /// The list has that element. On PostgreSQL an index `#[index(method = "gin")]` serves it.
    pub fn has<S: Has<Q, I>, I>(self, element: impl Assign<T::Element>) -> Filter<S> {
        let list = self.node::<S, I>();
        let element = element.assign();
        let owned = element.to_member().map(crate::datum::Datum::into_owned);
        let json = owned.as_ref().map_err(|error| error.to_string()).and_then(|datum| {
            let mut bytes = Vec::new();
            crate::json::write(datum, &mut bytes).map_err(|error| error.to_string())?;
            String::from_utf8(bytes).map_err(|error| error.to_string())
        });
        Filter::of(match (owned, json) {
            (Ok(element), Ok(json)) => Node::Has { list: Box::new(list), element, json },
            (Err(error), _) => Node::Refused(error.to_string().into()),
            (_, Err(error)) => Node::Refused(error.into()),
        })
    }
}

/// A field with something inside: JSON, a nested document, a list of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has nothing inside",
    label = "neither JSON, nor a nested document, nor a list"
)]
pub trait HasPaths: Value {}

impl HasPaths for serde_json::Value {}
impl<T: HasPaths> HasPaths for Option<T> {}
impl<T: Value> HasPaths for Vec<T> {}

/// A way into JSON: `User::home.at("street")`. What is not there has no value.
#[derive(Clone)]
#[must_use = "a path does nothing until it is compared or selected"]
pub struct Path<S> {
    of: Node,
    keys: Vec<PathKey>,
    scope: std::marker::PhantomData<fn() -> S>,
}

/// A key of an object (`&str`, `String`) or a place in a list (`u32`, from 0).
pub trait Key {
    #[doc(hidden)]
    fn key(self) -> PathKey;
}

impl Key for &str {
    fn key(self) -> PathKey {
        PathKey::Key(self.to_owned())
    }
}

impl Key for String {
    fn key(self) -> PathKey {
        PathKey::Key(self)
    }
}

impl Key for u32 {
    fn key(self) -> PathKey {
        PathKey::Index(self)
    }
}

/// What can be read at the end of a path.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a path",
    label = "a path gives `String`, `i64`, `f64`, `bool` or `Json`"
)]
pub trait FromPath: Value {
    #[doc(hidden)]
    fn ty() -> Type;
}

impl FromPath for String {
    fn ty() -> Type {
        Type::String
    }
}

impl FromPath for i64 {
    fn ty() -> Type {
        Type::Bigint
    }
}

impl FromPath for f64 {
    fn ty() -> Type {
        Type::Number
    }
}

impl FromPath for bool {
    fn ty() -> Type {
        Type::Boolean
    }
}

impl FromPath for serde_json::Value {
    fn ty() -> Type {
        Type::Json
    }
}

impl<S> Path<S> {
    /// One step further.
    pub fn at(mut self, key: impl Key) -> Path<S> {
        self.keys.push(key.key());
        self
    }

    /// What is there, as that type; `None` where there is nothing or `null`. Where something else is
    /// there, PostgreSQL refuses the query and SQLite gives what it makes of it.
    pub fn get<T: FromPath>(self) -> Expr<S, Option<T>> {
        let wire = Wire::of(&T::ty());
        let key = |key: &PathKey| match key {
            PathKey::Key(key) => crate::value::check_text(key),
            PathKey::Index(_) => Ok(()),
        };
        Expr::of(match self.keys.iter().try_for_each(key) {
            Ok(()) => Node::Path { of: Box::new(self.of), keys: self.keys, ty: T::ty(), wire },
            Err(_) => {
                Node::Refused("a key of a path has a NUL character, which no JSON has".into())
            }
        })
    }
}

impl<Q: Source, T: HasPaths> Column<Q, T> {
    /// The way to a key of the object, or to a place of the list.
    pub fn at<S: Has<Q, I>, I>(self, key: impl Key) -> Path<S> {
        let of = self.node::<S, I>();
        Path { of, keys: vec![key.key()], scope: std::marker::PhantomData }
    }
}
