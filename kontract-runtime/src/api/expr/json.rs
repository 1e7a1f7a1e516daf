//! Lists, nested documents and JSON in expressions.

use std::marker::PhantomData;

use kontract_schema::Type;
use kontract_schema::sql::dml::PathKey;

use super::{Expr, Operated};
use crate::api::filter::{Column, Filter};
use crate::error::Refusal;
use crate::sql::scope::{Has, Source};
use crate::sql::tree::node::Node;
use crate::value::assign::Assign;
use crate::value::datum::Datum;
use crate::value::derived::items_to_member;
use crate::value::field_value::Value;
use crate::value::raw_columns::Plain;
use crate::value::wire::Wire;

/// A field that is a list: `Vec<T>` or `Option<Vec<T>>`.
#[diagnostic::on_unimplemented(message = "`{Self}` is not a list", label = "not a list")]
pub trait List: Value {
    /// The type of its elements.
    type Element: Value;
}

impl<T: Value> List for Vec<T> {
    type Element = T;
}

impl<T: Value> List for Option<Vec<T>> {
    type Element = T;
}

impl<Q: Source, T: List> Column<Q, T> {
    /// True if the list contains the element. On PostgreSQL an index `#[index(method = "gin")]`
    /// supports it.
    ///
    /// ```
    /// # use kontract_doc_tables::*; note_example(async |notes| {
    /// assert_eq!(notes.query(Note::tags.has("letter")).count().await?, 1);
    /// # Ok(()) })
    /// ```
    pub fn has<S: Has<Q, I>, I>(self, element: impl Assign<T::Element>) -> Filter<S> {
        let list = self.node::<S, I>();
        let element = element.assign();
        let member = if list.is_inside() {
            items_to_member(std::iter::once(&element)).map(|member| match member {
                Datum::Array(mut one) => one.pop().unwrap_or(Datum::Null),
                other => other,
            })
        } else if list.is_array() {
            element.to_datum()
        } else {
            element.to_member()
        };
        let owned = member.map(Datum::into_owned);
        let json = owned.as_ref().map_err(Refusal::from_error).and_then(|datum| {
            let mut bytes = Vec::new();
            crate::value::json::write(datum, &mut bytes)
                .map_err(|error| Refusal::from_error(&error))?;
            String::from_utf8(bytes).map_err(|error| error.to_string().into())
        });
        Filter::from_node(match (owned, json) {
            (Ok(element), Ok(json)) => Node::Has { list: Box::new(list), element, json },
            (Err(error), _) => Node::Refused(Refusal::from_error(&error)),
            (_, Err(refusal)) => Node::Refused(refusal),
        })
    }
}

/// A field that `.at(…)` can go into: JSON, a nested document, a list of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has nothing inside",
    label = "neither JSON, nor a nested document, nor a list",
    note = "`.at(…)` goes into a field of type `Json`, of a struct with `#[derive(Document)]`, or of a `Vec`"
)]
pub trait HasPaths: Value {}

impl HasPaths for serde_json::Value {}
impl<T: HasPaths> HasPaths for Option<T> {}
impl<T: Value> HasPaths for Vec<T> {}

/// A path into JSON: `User::home.at("street")`. A missing member is NULL.
#[derive(Clone)]
#[must_use = "a path does nothing until it is compared or selected"]
pub struct Path<S> {
    of: Node,
    keys: Vec<PathKey>,
    scope: PhantomData<fn() -> S>,
}

/// A step of a path: a key of an object (`&str`, `String`), or an index of a list (`u32`, from 0).
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

/// A type that can be read at the end of a path.
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
    /// Adds a step to the path.
    ///
    /// ```
    /// # use kontract_doc_tables::*; note_example(async |notes| {
    /// let second = Note::extra.at("pages").at(1).get::<i64>();
    /// assert_eq!(notes.list().select(second).await?, [Some(5)]);
    /// # Ok(()) })
    /// ```
    pub fn at(mut self, key: impl Key) -> Path<S> {
        self.keys.push(key.key());
        self
    }

    /// Returns the value at the end of the path; `None` if it is missing, `null`, or of another type:
    /// `"3"` and `3.5` have no value as `i64`.
    ///
    /// ```
    /// # use kontract_doc_tables::*; note_example(async |notes| {
    /// let pages = Note::extra.at("pages");
    /// assert_eq!(notes.list().select(pages.at(0).get::<i64>()).await?, [Some(3)]);
    /// # Ok(()) })
    /// ```
    pub fn get<T: FromPath>(self) -> Expr<S, Option<T>> {
        let wire = Wire::for_type(&T::ty());
        let key = |key: &PathKey| match key {
            PathKey::Key(key) => crate::value::field_value::check_text(key),
            PathKey::Index(_) => Ok(()),
        };
        Expr::from_node(match self.keys.iter().try_for_each(key) {
            Ok(()) => {
                let (ty, checked) = (T::ty(), T::ty() != Type::Json);
                Node::Path { of: Box::new(self.of), keys: self.keys, ty, wire, checked }
            }
            Err(_) => Node::Refused(
                "a key of a path contains a NUL character, which JSON cannot contain".into(),
            ),
        })
    }
}

/// A field of the nested document `D` of type `T`: `Address::street`.
///
/// Its name in the JSON is the one that serde gives it.
pub struct Member<D, T> {
    key: &'static str,
    of: PhantomData<fn() -> (D, T)>,
}

impl<D, T> Member<D, T> {
    /// Creates the field with that name in the JSON. The derive calls it.
    pub const fn new(key: &'static str) -> Member<D, T> {
        Member { key, of: PhantomData }
    }
}

impl<D, T> Clone for Member<D, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<D, T> Copy for Member<D, T> {}

/// A step into a field of type `T`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not lead into a `{T}`",
    label = "not a field of it, nor a key",
    note = "a field of a nested document is its constant, `Address::street`; a key of JSON is a `&str`, a place of a list a `u32`"
)]
pub trait Step<T> {
    /// The result of the step: a path, or an expression if the type of the member is known.
    type To<S>;
    #[doc(hidden)]
    fn step<S>(self, of: Operated) -> Self::To<S>;
}

macro_rules! keys {
    ($($ty:ty)*) => { $(
        impl<T: HasPaths> Step<T> for $ty {
            type To<S> = Path<S>;
            fn step<S>(self, Operated(of): Operated) -> Path<S> {
                let key = self.key();
                let (of, mut keys) = match of {
                    Node::Path { of, keys, .. } => (*of, keys),
                    of => (of, Vec::new()),
                };
                keys.push(key);
                Path { of, keys, scope: PhantomData }
            }
        }
    )* };
}

keys!(&str String u32);

impl<D: HasPaths, T: Plain> Step<D> for Member<D, T> {
    type To<S> = Expr<S, T::Maybe>;
    fn step<S>(self, Operated(of): Operated) -> Expr<S, T::Maybe> {
        Expr::from_node(member(of, self.key, T::ty()))
    }
}

impl<D: HasPaths, T: Plain> Step<Option<D>> for Member<D, T> {
    type To<S> = Expr<S, T::Maybe>;
    fn step<S>(self, Operated(of): Operated) -> Expr<S, T::Maybe> {
        Expr::from_node(member(of, self.key, T::ty()))
    }
}

/// Makes the node of a member of a document. A number has the widest type of its kind.
fn member(of: Node, key: &'static str, ty: Type) -> Node {
    let ty = match ty {
        ty if ty.whole_range().is_some() => Type::Bigint,
        Type::Float32 => Type::Number,
        Type::Bytes | Type::Array(_) | Type::Object(_) => Type::Json,
        Type::Instant | Type::DateTime | Type::Day | Type::Time => {
            let what = format!(
                "`{key}` is a date or time in a nested document, which databases store as a text: `.at(\"{key}\").get::<String>()`"
            );
            return Node::Refused(what.into());
        }
        ty => ty,
    };
    let wire = Wire::for_type(&ty);
    let step = PathKey::Key(key.to_owned());
    match of {
        Node::Path { of, mut keys, .. } => {
            keys.push(step);
            Node::Path { of, keys, ty, wire, checked: false }
        }
        of => Node::Path { of: Box::new(of), keys: vec![step], ty, wire, checked: false },
    }
}

impl<Q: Source, T: Value> Column<Q, T> {
    /// Goes one step into the field: to a field of a nested document,
    /// `User::home.at(Address::street)`, to a key of an object, or to an index of a list.
    ///
    /// ```
    /// # use kontract_doc_tables::*; note_example(async |notes| {
    /// let from_bern = Note::extra.at("from").at("city").get::<String>().eq("Bern".to_owned());
    /// let first_tag = Note::tags.at(0).get::<String>().eq("new".to_owned());
    /// assert_eq!(notes.query(from_bern & first_tag).count().await?, 1);
    /// # Ok(()) })
    /// ```
    pub fn at<S: Has<Q, I>, I, K: Step<T>>(self, step: K) -> K::To<S> {
        step.step(Operated(self.node::<S, I>()))
    }
}

impl<S, T: Value> Expr<S, T> {
    /// Goes one step further: `User::home.at(Address::city).at(City::name)`.
    ///
    /// ```
    /// # use kontract_doc_tables::*; note_example(async |notes| {
    /// let city = Note::extra.expr().at("from").at("city").get::<String>();
    /// assert_eq!(notes.list().select(city).await?, [Some("Bern".to_owned())]);
    /// # Ok(()) })
    /// ```
    pub fn at<K: Step<T>>(self, step: K) -> K::To<S> {
        step.step(Operated(self.node))
    }
}
