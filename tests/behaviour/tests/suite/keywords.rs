//! The list of reserved words, compared with those of the databases.

use std::collections::BTreeSet;

use kontract_schema::sqltext::{RESERVED_WORDS, is_reserved};
use kontract_test_support::keywords::{postgres_keywords, sqlite_keywords};
use kontract_test_support::postgres_database;

#[test]
fn all_reserved_words_are_known() {
    let database = postgres_database();
    let words: BTreeSet<String> =
        sqlite_keywords().into_iter().chain(postgres_keywords(database.url())).collect();
    assert!(words.len() > 200, "{words:?}");
    let missing: Vec<&String> = words.iter().filter(|word| !is_reserved(word)).collect();
    assert!(missing.is_empty(), "not in the list: {missing:?}");
    let unknown: Vec<&&str> =
        RESERVED_WORDS.iter().filter(|word| !words.contains(**word) && !is_newer(word)).collect();
    assert!(unknown.is_empty(), "neither database reserves {unknown:?}");
}

/// Whether only PostgreSQL 16 and later reserve the word: older versions have fewer words than the list.
fn is_newer(word: &str) -> bool {
    word.starts_with("json_") || ["merge_action", "system_user"].contains(&word)
}
