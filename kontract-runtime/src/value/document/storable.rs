//! Walks over a value and finds NaN, infinities, dates that a column could not store, and too deep
//! nesting. Writes nothing.

use std::fmt;

use serde::ser::{self, Serialize, Serializer};

use crate::error::{Error, Result};
use crate::value::types::calendar;

/// How deep a value in JSON may be nested: serde_json reads up to 128 levels; the row and a list around
/// the value take some of them.
pub(crate) const JSON_DEPTH: u8 = 120;

/// The message for a value that is nested deeper.
pub(crate) const TOO_DEEP: &str = "the value is nested too deeply to be stored as JSON";

/// Which values are dates and times: fields of a struct, or the value itself.
#[derive(Clone, Copy, Default)]
pub(crate) struct Moments<'a> {
    pub(crate) fields: &'a [String],
    pub(crate) here: bool,
}

pub(super) fn check<T: Serialize + ?Sized>(value: &T, moments: Moments<'_>) -> Result<()> {
    value.serialize(Walk { depth: 0, some: false, moments }).map_err(|Lost(why)| Error::value(why))
}

#[derive(Clone, Copy)]
struct Walk<'a> {
    depth: u8,
    /// Whether the value is within `Some`, where `null` would be read as `None`.
    some: bool,
    moments: Moments<'a>,
}

#[derive(Debug)]
struct Lost(std::borrow::Cow<'static, str>);

impl<'a> Walk<'a> {
    fn float(self, finite: bool) -> Result<(), Lost> {
        if finite {
            Ok(())
        } else {
            Err(Lost("NaN and infinities cannot be stored in JSON".into()))
        }
    }

    /// The fields are those of the outermost struct.
    fn deeper(self) -> Result<Walk<'a>, Lost> {
        let fields = if self.depth == 0 { self.moments.fields } else { &[] };
        let moments = Moments { fields, ..self.moments };
        match self.depth {
            JSON_DEPTH => Err(Lost(TOO_DEEP.into())),
            depth => Ok(Walk { depth: depth + 1, some: false, moments }),
        }
    }

    fn field(self, name: &str) -> Walk<'a> {
        let here = self.moments.here || self.moments.fields.iter().any(|field| field == name);
        Walk { moments: Moments { here, ..self.moments }, ..self }
    }
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Lost {}

impl ser::Error for Lost {
    fn custom<T: fmt::Display>(message: T) -> Lost {
        Lost(format!("cannot be stored as JSON: {message}").into())
    }
}

macro_rules! fine {
    ($($method:ident: $ty:ty),* $(,)?) => { $(
        fn $method(self, _: $ty) -> Result<(), Lost> {
            Ok(())
        }
    )* };
}

impl<'a> Serializer for Walk<'a> {
    type Ok = ();
    type Error = Lost;
    type SerializeSeq = Walk<'a>;
    type SerializeTuple = Walk<'a>;
    type SerializeTupleStruct = Walk<'a>;
    type SerializeTupleVariant = Walk<'a>;
    type SerializeMap = Walk<'a>;
    type SerializeStruct = Walk<'a>;
    type SerializeStructVariant = Walk<'a>;

    fine! {
        serialize_bool: bool, serialize_char: char, serialize_bytes: &[u8],
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64,
        serialize_i128: i128, serialize_u128: u128, serialize_unit_struct: &'static str,
    }

    fn serialize_str(self, text: &str) -> Result<(), Lost> {
        if self.moments.here {
            calendar::check(text).map_err(|why| Lost(why.into()))
        } else {
            Ok(())
        }
    }
    fn serialize_f32(self, value: f32) -> Result<(), Lost> {
        self.float(value.is_finite())
    }
    fn serialize_f64(self, value: f64) -> Result<(), Lost> {
        self.float(value.is_finite())
    }
    fn serialize_unit(self) -> Result<(), Lost> {
        if self.some {
            Err(Lost("`Some` of a JSON null would come back as `None`".into()))
        } else {
            Ok(())
        }
    }
    fn serialize_none(self) -> Result<(), Lost> {
        Ok(())
    }
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Lost> {
        value.serialize(Walk { some: true, ..self })
    }
    fn serialize_unit_variant(self, _: &'static str, _: u32, _: &'static str) -> Result<(), Lost> {
        Ok(())
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Lost> {
        value.serialize(self)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        value: &T,
    ) -> Result<(), Lost> {
        value.serialize(self.deeper()?)
    }
    fn serialize_seq(self, _: Option<usize>) -> Result<Walk<'a>, Lost> {
        self.deeper()
    }
    fn serialize_tuple(self, _: usize) -> Result<Walk<'a>, Lost> {
        self.deeper()
    }
    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Walk<'a>, Lost> {
        self.deeper()
    }
    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Walk<'a>, Lost> {
        self.deeper()?.deeper()
    }
    fn serialize_map(self, _: Option<usize>) -> Result<Walk<'a>, Lost> {
        self.deeper()
    }
    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Walk<'a>, Lost> {
        self.deeper()
    }
    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Walk<'a>, Lost> {
        self.deeper()?.deeper()
    }
    /// serde_json calls the methods above; other texts need no check.
    fn collect_str<T: fmt::Display + ?Sized>(self, text: &T) -> Result<(), Lost> {
        if self.moments.here { self.serialize_str(&text.to_string()) } else { Ok(()) }
    }
}

macro_rules! compound {
    ($($of:ident: $method:ident;)*) => { $(
        impl ser::$of for Walk<'_> {
            type Ok = ();
            type Error = Lost;
            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Lost> {
                value.serialize(*self)
            }
            fn end(self) -> Result<(), Lost> {
                Ok(())
            }
        }
    )* };
}

compound! {
    SerializeSeq: serialize_element;
    SerializeTuple: serialize_element;
    SerializeTupleStruct: serialize_field;
    SerializeTupleVariant: serialize_field;
}

macro_rules! named {
    ($($of:ident),*) => { $(
        impl ser::$of for Walk<'_> {
            type Ok = ();
            type Error = Lost;
            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), Lost> {
                value.serialize(self.field(name))
            }
            fn end(self) -> Result<(), Lost> {
                Ok(())
            }
        }
    )* };
}

named!(SerializeStruct, SerializeStructVariant);

impl ser::SerializeMap for Walk<'_> {
    type Ok = ();
    type Error = Lost;
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Lost> {
        key.serialize(*self)
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Lost> {
        value.serialize(*self)
    }
    fn end(self) -> Result<(), Lost> {
        Ok(())
    }
}
