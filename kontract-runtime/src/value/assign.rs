//! What a setter, a filter or a key takes for a field of type `T`.
//!
//! `T` itself; the plain value for an `Option<T>`; `&str` where a `String` is wanted; arrays and
//! slices where a list is wanted; Kontract's `Timestamp` where a moment of another crate is wanted.
//! The compiler recommends none of these: whoever gives a number for a text wants no list of them.

use std::borrow::Cow;

use crate::value::types::Bytes;

/// Can be put into a field of type `T`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a value for a field of type `{T}`",
    label = "this field is a `{T}`"
)]
pub trait Assign<T> {
    /// The field's value.
    fn assign(self) -> T;
}

impl<T> Assign<T> for T {
    fn assign(self) -> T {
        self
    }
}

impl<T> Assign<Option<T>> for T {
    fn assign(self) -> Option<T> {
        Some(self)
    }
}

/// Puts a value into a field: what a setter does.
#[doc(hidden)]
pub fn put<T>(field: &mut T, value: impl Assign<T>) {
    *field = value.assign();
}

/// The errors of [`put`] for a field that is filled in where the caller does not give it.
#[doc(hidden)]
pub fn give<T>(field: &mut Option<T>, value: impl Assign<T>) {
    *field = Some(value.assign());
}

/// What was given, or the default.
#[doc(hidden)]
pub fn or<T>(given: Option<T>, default: impl Assign<T>) -> T {
    given.unwrap_or_else(|| default.assign())
}

macro_rules! into {
    ($($from:ty => $to:ty),* $(,)?) => { $(
        #[diagnostic::do_not_recommend]
        impl Assign<$to> for $from {
            fn assign(self) -> $to {
                self.into()
            }
        }
        #[diagnostic::do_not_recommend]
        impl Assign<Option<$to>> for $from {
            fn assign(self) -> Option<$to> {
                Some(self.into())
            }
        }
    )* };
}

into! {
    &str => String,
    Cow<'_, str> => String,
    Box<str> => String,
    char => String,
    &[u8] => Vec<u8>,
    &[u8] => Bytes,
    Vec<u8> => Bytes,
    Bytes => Vec<u8>,
}

macro_rules! cloned {
    ($($from:ty => $to:ty),* $(,)?) => { $(
        #[diagnostic::do_not_recommend]
        impl Assign<$to> for $from {
            fn assign(self) -> $to {
                self.clone()
            }
        }
        #[diagnostic::do_not_recommend]
        impl Assign<Option<$to>> for $from {
            fn assign(self) -> Option<$to> {
                Some(self.clone())
            }
        }
    )* };
}

cloned! {
    &String => String,
    &uuid::Uuid => uuid::Uuid,
    &i64 => i64,
    &Bytes => Bytes,
    &serde_json::Value => serde_json::Value,
}

#[diagnostic::do_not_recommend]
impl<T, const N: usize> Assign<Vec<T>> for [T; N] {
    fn assign(self) -> Vec<T> {
        self.into()
    }
}

#[diagnostic::do_not_recommend]
impl<const N: usize> Assign<Vec<String>> for [&str; N] {
    fn assign(self) -> Vec<String> {
        self.into_iter().map(str::to_owned).collect()
    }
}

#[diagnostic::do_not_recommend]
impl Assign<Vec<String>> for &[&str] {
    fn assign(self) -> Vec<String> {
        self.iter().copied().map(str::to_owned).collect()
    }
}
