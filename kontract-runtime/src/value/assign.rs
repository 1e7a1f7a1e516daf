//! The values that a setter, a filter or a key accepts for a field of type `T`.
//!
//! `T` itself; the plain value for an `Option<T>`; `&str` for a `String`; arrays and slices for a
//! list; Kontract's `Timestamp` for a moment of another crate. Compile errors recommend none of
//! these: a number instead of a text is rarely meant as a list of texts.

use std::borrow::Cow;

use crate::value::types::Bytes;

/// A value that can be put into a field of type `T`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a value for a field of type `{T}`",
    label = "this field is a `{T}`"
)]
pub trait Assign<T> {
    /// Converts to the value of the field.
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

/// Sets a field to a value, as a setter does.
#[doc(hidden)]
pub fn put<T>(field: &mut T, value: impl Assign<T>) {
    *field = value.assign();
}

/// Sets a field that has a default, and that the caller may leave out.
#[doc(hidden)]
pub fn give<T>(field: &mut Option<T>, value: impl Assign<T>) {
    *field = Some(value.assign());
}

/// Returns the given value, or the default.
#[doc(hidden)]
pub fn or<T>(given: Option<T>, default: impl Assign<T>) -> T {
    given.unwrap_or_else(|| default.assign())
}

/// Returns the given value, or the constant of a default from its JSON.
///
/// # Panics
/// If the JSON is not a value of the type. The check of the source has read it as one.
#[doc(hidden)]
pub fn or_constant<T: serde::de::DeserializeOwned>(given: Option<T>, json: &str) -> T {
    let constant =
        || serde_json::from_str(json).expect("the check has read it as a value of the type");
    given.unwrap_or_else(constant)
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
