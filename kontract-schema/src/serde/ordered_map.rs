//! A JSON object that keeps its order: `Vec<T>` of named values ⇄ `{"name": {…}}`.
//!
//! A duplicate key is an error, which a map type would hide; [`DistinctKeys`] finds duplicate keys
//! anywhere in a text.

use std::collections::BTreeSet;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A value whose name is its key in the object.
pub trait Named {
    /// Returns the key.
    fn name(&self) -> &str;
    /// Sets the name from the key.
    fn set_name(&mut self, name: String);
}

pub fn serialize<T: Named + Serialize, S: Serializer>(
    items: &[T],
    to: S,
) -> Result<S::Ok, S::Error> {
    to.collect_map(items.iter().map(|item| (item.name(), item)))
}

pub fn deserialize<'de, T: Named + Deserialize<'de>, D: Deserializer<'de>>(
    from: D,
) -> Result<Vec<T>, D::Error> {
    struct Entries<T>(PhantomData<T>);
    impl<'de, T: Named + Deserialize<'de>> Visitor<'de> for Entries<T> {
        type Value = Vec<T>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object of named entries")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vec<T>, A::Error> {
            let mut items: Vec<T> = Vec::new();
            while let Some((name, mut item)) = map.next_entry::<String, T>()? {
                if items.iter().any(|other| other.name() == name) {
                    return Err(twice(&name));
                }
                item.set_name(name);
                items.push(item);
            }
            Ok(items)
        }
    }
    from.deserialize_map(Entries(PhantomData))
}

fn twice<E: Error>(name: &str) -> E {
    E::custom(format_args!("the key `{name}` is duplicate"))
}

/// Any JSON in which no object has a duplicate key.
pub struct DistinctKeys;

impl<'de> Deserialize<'de> for DistinctKeys {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<DistinctKeys, D::Error> {
        from.deserialize_any(DistinctKeys)
    }
}

impl<'de> Visitor<'de> for DistinctKeys {
    type Value = DistinctKeys;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<DistinctKeys, A::Error> {
        let mut keys = BTreeSet::new();
        while let Some((key, DistinctKeys)) = map.next_entry::<String, DistinctKeys>()? {
            if keys.contains(&key) {
                return Err(twice(&key));
            }
            keys.insert(key);
        }
        Ok(self)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<DistinctKeys, A::Error> {
        while list.next_element::<DistinctKeys>()?.is_some() {}
        Ok(self)
    }
    fn visit_unit<E>(self) -> Result<DistinctKeys, E> {
        Ok(self)
    }
    fn visit_bool<E>(self, _: bool) -> Result<DistinctKeys, E> {
        Ok(self)
    }
    fn visit_i64<E>(self, _: i64) -> Result<DistinctKeys, E> {
        Ok(self)
    }
    fn visit_u64<E>(self, _: u64) -> Result<DistinctKeys, E> {
        Ok(self)
    }
    fn visit_f64<E>(self, _: f64) -> Result<DistinctKeys, E> {
        Ok(self)
    }
    fn visit_str<E>(self, _: &str) -> Result<DistinctKeys, E> {
        Ok(self)
    }
}
