//! The catalogue of faults: each case with the tests that show how it is handled, or the reason why it
//! has none.

mod build;
mod changes;
mod database;
mod files;
mod lock;
mod runner;

use std::fs;
use std::path::Path;

/// A file and a test in it. In a file that is not Rust, the beginning of a line.
type Tests = &'static [(&'static str, &'static str)];

/// The answer to a case.
#[derive(Clone, Copy)]
enum Answer {
    /// These tests show it.
    Shown(Tests),
    /// These tests show a part of the case. The text explains the rest.
    Partly(Tests, &'static str),
}

use Answer::{Partly, Shown};

/// A case: its number, what goes wrong, and the answer.
type Case = (&'static str, &'static str, Answer);

/// All cases, in the order of their numbers.
fn cases() -> impl Iterator<Item = &'static Case> {
    [lock::CASES, build::CASES, changes::CASES, runner::CASES, database::CASES]
        .into_iter()
        .flatten()
}

/// Reasons why a case has no test.
const REASONS: [&str; 3] = ["no test yet", "not built", "cannot be"];

/// The groups (build script and lock file, changes, runner), each with the number of its last case.
const GROUPS: [(char, usize); 3] = [('B', 40), ('D', 40), ('R', 54)];

fn has_test(file: &str, test: &str) -> bool {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let text = fs::read_to_string(path).unwrap_or_default();
    if file.ends_with(".rs") {
        text.contains(&format!("fn {test}("))
    } else {
        !test.is_empty() && text.lines().any(|line| line.starts_with(test))
    }
}

#[test]
fn every_case_occurs_once() {
    let all = GROUPS
        .iter()
        .flat_map(|(letter, last)| (1..=*last).map(move |number| format!("{letter}{number:02}")));
    let found: Vec<&str> = cases().map(|(id, ..)| *id).collect();
    assert_eq!(found, all.collect::<Vec<_>>());
}

#[test]
fn every_named_test_exists() {
    for (id, what, answer) in cases() {
        let (tests, why) = match answer {
            Shown(tests) => (*tests, None),
            Partly(tests, missing) => (*tests, Some(*missing)),
        };
        assert!(!what.is_empty() && why.is_none_or(|why| !why.is_empty()), "{id} says nothing");
        assert!(!tests.is_empty(), "{id} names no test");
        for (file, test) in tests {
            assert!(has_test(file, test), "{id}, {what}: {file} has no {test}");
        }
        let says = |word: &&str| why.is_none_or(|why| why.contains(word));
        assert!(REASONS.iter().any(says), "{id}: why the rest is not shown");
    }
}
