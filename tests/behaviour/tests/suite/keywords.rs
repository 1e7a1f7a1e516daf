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
    // Older versions have fewer words than the list.
    let other = RESERVED_WORDS.iter().filter(|word| !words.contains(**word)).copied();
    let unknown: Vec<&str> = other.filter(|word| !NEWER.contains(word)).collect();
    assert!(unknown.is_empty(), "neither database reserves {unknown:?}");
}

/// Words that PostgreSQL reserves since version 16.
const NEWER: [&str; 12] = [
    "json_array",
    "json_arrayagg",
    "json_exists",
    "json_object",
    "json_objectagg",
    "json_query",
    "json_scalar",
    "json_serialize",
    "json_table",
    "json_value",
    "merge_action",
    "system_user",
];
