//! Serialised forms that serde's derives do not offer.

pub mod lines;
pub mod one_or_more;
pub mod ordered_map;

/// Whether a value equals its default, for `skip_serializing_if`.
pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
