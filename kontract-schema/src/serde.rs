//! Serialised forms that serde's derives do not have.

pub mod lines;
pub mod one_or_more;
pub mod ordered_map;

/// `skip_serializing_if` for whatever has a default.
pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
