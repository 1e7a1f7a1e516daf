//! What can go wrong: each case of the catalogue of faults, with the tests that show what becomes of
//! it, or why there are none.

mod build;
mod changes;
mod database;
mod files;
mod lock;
mod runner;

use std::fs;
use std::path::Path;

/// What shows a case: a file, and a test in it; in a file that is not Rust, how a line of it begins.
type Tests = &'static [(&'static str, &'static str)];

/// How a case is answered.
#[derive(Clone, Copy)]
enum Answer {
    /// These tests show it.
    Shown(Tests),
    /// These tests show some of it; of the rest, what is done and why it is not shown.
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

/// Why something is not shown.
const REASONS: [&str; 3] = ["no test yet", "not built", "cannot be"];

/// The groups (build script and lock file, changes, runner), each with the number of its last case.
const GROUPS: [(char, usize); 3] = [('B', 40), ('D', 40), ('R', 54)];

fn there(file: &str, test: &str) -> bool {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let text = fs::read_to_string(path).unwrap_or_default();
    if file.ends_with(".rs") {
        text.contains(&format!("fn {test}("))
    } else {
        !test.is_empty() && text.lines().any(|line| line.starts_with(test))
    }
}

#[test]
fn every_case_is_there_once() {
    let all = GROUPS
        .iter()
        .flat_map(|(letter, last)| (1..=*last).map(move |number| format!("{letter}{number:02}")));
    let found: Vec<&str> = cases().map(|(id, ..)| *id).collect();
    assert_eq!(found, all.collect::<Vec<_>>());
}

#[test]
fn every_test_that_is_named_exists() {
    for (id, what, answer) in cases() {
        let (tests, why) = match answer {
            Shown(tests) => (*tests, None),
            Partly(tests, missing) => (*tests, Some(*missing)),
        };
        assert!(!what.is_empty() && why.is_none_or(|why| !why.is_empty()), "{id} says nothing");
        assert!(!tests.is_empty(), "{id} names no test");
        for (file, test) in tests {
            assert!(there(file, test), "{id}, {what}: {file} has no {test}");
        }
        let says = |word: &&str| why.is_none_or(|why| why.contains(word));
        assert!(REASONS.iter().any(says), "{id}: why the rest is not shown");
    }
}
