//! The types of the schema as types of Rust, so that a derive can prove its tokens.
//!
//! Tokens are not types: after `type String = u32` a field `name: String` is not what its tokens
//! say. For each field the derive emits `assert_is::<words::String, FieldType>()`, which compiles
//! only where the real type [`Is`] what the lock file will say.

use std::marker::PhantomData;

/// That a Rust type is kept as the word `W` of the lock file.
#[diagnostic::on_unimplemented(
    message = "the type of this field is `{Self}`, which is not kept as `{W}`",
    label = "an alias or a type of the same name hides the real type",
    note = "write the type itself, not an alias; an own enum or struct needs `#[derive(Enum)]` or `#[derive(Document)]`",
    note = "dates, times and decimals need the feature of their crate on `kontract`: `jiff`, `chrono`, `time`, `decimal`"
)]
pub trait Is<W> {}

/// Compiles where `T` is kept as `W`.
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

/// The word for a list.
pub struct Array<W>(PhantomData<W>);

/// A field that may have no value.
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

/// Compiles where `T` can be kept at all: for fields with their own `sql_type`.
pub const fn assert_value<T: crate::value::field_value::Value>() {}
