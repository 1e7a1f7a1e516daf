//! New ids: version 7 UUIDs, which consist of the time in milliseconds and a counter, so the ids of
//! one process are in the order of their creation.

/// The type of an id that the runtime can generate: a version 7 UUID.
pub trait NewId {
    /// Returns a new id. Later ids are greater.
    fn new_id() -> Self;
}

impl NewId for uuid::Uuid {
    fn new_id() -> Self {
        uuid::Uuid::now_v7()
    }
}

/// The id as hyphenated text.
impl NewId for String {
    fn new_id() -> Self {
        uuid::Uuid::now_v7().to_string()
    }
}

/// Returns a new id of the type of the field.
pub fn new_id<T: NewId>() -> T {
    T::new_id()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{SystemTime, UNIX_EPOCH};

    #[test]
    fn later_ids_are_greater() {
        let made = || -> Vec<uuid::Uuid> { (0..20_000).map(|_| new_id()).collect() };
        let threads: Vec<_> = (0..2).map(|_| std::thread::spawn(made)).collect();
        let mut all = Vec::new();
        for thread in threads {
            let ids = thread.join().expect("no panic");
            assert!(ids.is_sorted_by(|a, b| a < b));
            let texts: Vec<String> = ids.iter().map(ToString::to_string).collect();
            assert!(texts.is_sorted_by(|a, b| a < b));
            all.extend(ids);
        }
        // Many of them belong to the same millisecond.
        let millis = |id: &uuid::Uuid| id.as_u128() >> 80;
        let mut distinct: Vec<u128> = all.iter().map(millis).collect();
        distinct.dedup();
        assert!(distinct.len() * 2 < all.len());
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 40_000);
    }

    #[test]
    fn ids_begin_with_the_time() {
        let id: String = new_id();
        let id = uuid::Uuid::parse_str(&id).expect("a hyphenated UUID");
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
        assert_eq!(id.get_version_num(), 7);
        assert!((id.as_u128() >> 80).abs_diff(now.as_millis()) < 10_000);
    }
}
