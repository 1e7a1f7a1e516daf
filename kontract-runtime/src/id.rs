//! New ids.

/// What an id that is left out gets: a UUID v7, as the type of the field.
pub trait NewId {
    /// A new id; later ones are greater.
    fn new_id() -> Self;
}

impl NewId for uuid::Uuid {
    fn new_id() -> Self {
        uuid::Uuid::now_v7()
    }
}

/// The hyphenated text.
impl NewId for String {
    fn new_id() -> Self {
        uuid::Uuid::now_v7().to_string()
    }
}

/// A new id as the type that the field has.
pub fn new_id<T: NewId>() -> T {
    T::new_id()
}
