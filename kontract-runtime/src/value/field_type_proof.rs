//! The types of the schema as Rust types, so that a derive can prove the type of a field.
//!
//! Tokens are not types: after `type String = u32`, the tokens of a field `name: String` do not
//! show its type. For each field the derive emits `assert_is::<words::String, FieldType>()`, which
//! compiles only if the real type [`Is`] the type that the lock file records.

use std::marker::PhantomData;

/// A Rust type that is stored as the type `W` of the lock file.
#[diagnostic::on_unimplemented(
    message = "the type of this field is `{Self}`, which is not kept as `{W}`",
    label = "an alias or a type of the same name hides the real type",
    note = "write the type itself, not an alias; an own enum or struct needs `#[derive(Enum)]` or `#[derive(Document)]`",
    note = "dates, times and decimals need the feature of their crate on `kontract`: `jiff`, `chrono`, `time`, `decimal`"
)]
pub trait Is<W> {}

/// Compiles if `T` is stored as `W`.
pub const fn assert_is<W, T: Is<W> + ?Sized>() {}

macro_rules! words {
    ($($word:ident),* $(,)?) => { $(
        #[doc = concat!("The word for `", stringify!($word), "`.")]
        pub enum $word {}
    )* };
}

words!(
    String, Number, Boolean, Bigint, Date, Bytes, Int8, Int16, Int32, Uint8, Uint16, Uint32,
    Float32, Uuid, Decimal, Json, Instant, DateTime, Day, Time, Enum, Object, Sql,
);

/// The type of a list.
pub struct Array<W>(PhantomData<W>);

/// The type of a field that may be NULL.
pub struct Optional<W>(PhantomData<W>);

impl Is<String> for std::string::String {}
impl Is<Number> for f64 {}
impl Is<Boolean> for bool {}
impl Is<Bigint> for i64 {}
impl Is<Date> for crate::Timestamp {}
impl Is<Bytes> for Vec<u8> {}
impl Is<Bytes> for crate::Bytes {}
impl Is<Int8> for i8 {}
impl Is<Int16> for i16 {}
impl Is<Int32> for i32 {}
impl Is<Uint8> for u8 {}
impl Is<Uint16> for u16 {}
impl Is<Uint32> for u32 {}
impl Is<Float32> for f32 {}
impl Is<Uuid> for uuid::Uuid {}
impl Is<Json> for serde_json::Value {}
impl<W, T: Is<W>> Is<Optional<W>> for Option<T> {}
impl<W, T: Is<W>> Is<Array<W>> for Vec<T> {}

/// Compiles if `T` can be stored: for fields with their own `sql_type`.
pub const fn assert_value<T: crate::value::field_value::Value>() {}
