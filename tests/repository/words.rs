//! The words that sources, documents and messages avoid, because they have a standard term.

use std::fs;

use crate::files;

/// A word or phrase, and the term to use.
const AVOIDED: &[(&str, &str)] = &[
    ("nobody", "say who: the build, the runner, another process, the user"),
    ("somebody", "say who: the build, the runner, another process, the user"),
    ("told", "reported"),
    ("said", "reported"),
    ("stands", "is"),
    ("mend", "fix"),
    ("mends", "fixes"),
    ("mended", "fixed"),
    ("mending", "fixing"),
    ("anew", "again"),
    ("is no", "is not a"),
    ("are no", "are not"),
    ("is none", "there is no, is not a"),
    ("what one has", "name the thing"),
    ("the same, with", "say what it does"),
    ("the same with", "say what it does"),
];

/// Words around one that is avoided which make it a standard phrase: `there is no`, `is no longer`.
const ALLOWED_BEFORE: &[(&str, &str)] = &[("is no", "there"), ("are no", "there")];
const ALLOWED_AFTER: &[(&str, &str)] =
    &[("is no", "longer"), ("are no", "longer"), ("is no", "such"), ("are no", "such")];

/// The kinds of files that people read.
const ENDINGS: [&str; 8] = ["rs", "md", "stderr", "txt", "sql", "toml", "sh", "html"];

/// What looks like an avoided phrase and cannot change: Rust's own names, and a text in the SQL of conversions, which
/// the hashes of migrations cover.
const NAMES: [&str; 6] =
    ["is_none(", "is_none_or(", "Option::is_none", "' is no ", "\" is no \"", "% is no {"];

/// The words of a line: letters and digits in lower case.
fn words(line: &str) -> Vec<String> {
    let line = NAMES.iter().fold(line.to_owned(), |line, name| line.replace(name, " "));
    let parts = line.split(|c: char| !c.is_alphanumeric() && c != '\'');
    parts.filter(|part| !part.is_empty()).map(str::to_lowercase).collect()
}

/// What is avoided in a line, and the better term.
fn avoided(line: &str) -> Option<(&'static str, &'static str)> {
    let words = words(line);
    AVOIDED.iter().copied().find(|(phrase, _)| {
        let wanted: Vec<&str> =
            phrase.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
        let places = 0..(words.len() + 1).saturating_sub(wanted.len());
        places.into_iter().any(|at| {
            let end = at + wanted.len();
            words[at..end] == wanted
                && !is_listed(
                    ALLOWED_BEFORE,
                    phrase,
                    at.checked_sub(1).and_then(|at| words.get(at)),
                )
                && !is_listed(ALLOWED_AFTER, phrase, words.get(end))
        })
    })
}

/// Whether a list has a phrase with a word beside it.
fn is_listed(list: &[(&str, &str)], phrase: &str, beside: Option<&String>) -> bool {
    list.iter()
        .any(|(listed, word)| *listed == phrase && beside.is_some_and(|beside| beside == word))
}

#[test]
fn avoided_words_do_not_occur() {
    let mut found = Vec::new();
    for path in files::below("") {
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        if !ENDINGS.contains(&ending) || path.ends_with("tests/repository/words.rs") {
            continue;
        }
        let Ok(text) = fs::read_to_string(&path) else { continue };
        for (line, number) in text.lines().zip(1..) {
            if let Some((word, better)) = avoided(line) {
                found.push(format!(
                    "{}:{number}: `{word}` ({better}): {}",
                    path.display(),
                    line.trim()
                ));
            }
        }
    }
    assert!(
        found.is_empty(),
        "{} lines use words that house style avoids:\n{}",
        found.len(),
        found.join("\n")
    );
}

#[test]
fn avoided_words_are_found() {
    for line in
        ["Nobody waits.", "a text that is no number", "made anew,", "the same, with a limit"]
    {
        assert!(avoided(line).is_some(), "{line}");
    }
    for line in [
        "it is no longer used",
        "there is no file",
        "a standard term",
        "told_you",
        "option.is_none()",
        "is not a number",
    ] {
        assert_eq!(avoided(line).is_some(), line == "told_you", "{line}");
    }
}
