//! Every code has an explanation, and a case under the tests in which a user would see it.

use std::collections::BTreeSet;
use std::fs;

use kontract_schema::code;

use crate::files;

/// The codes in the files below a directory whose path `take` accepts.
fn codes(dir: &str, take: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let paths = files::below(dir);
    let texts = paths.iter().filter(|path| take(&path.to_string_lossy()));
    texts
        .filter_map(|path| fs::read_to_string(path).ok())
        .flat_map(|text| codes_in(&text))
        .collect()
}

/// The codes in the unit tests at the ends of source files.
fn unit_tests(dir: &str) -> BTreeSet<String> {
    let paths = files::below(&format!("{dir}/src"));
    let texts = paths.iter().filter_map(|path| fs::read_to_string(path).ok());
    texts
        .filter_map(|text| text.split_once("#[cfg(test)]").map(|(_, tests)| tests.to_owned()))
        .flat_map(|tests| codes_in(&tests))
        .collect()
}

/// The codes in a text, `K0203`.
fn codes_in(text: &str) -> Vec<String> {
    let found = text.match_indices("K0").filter_map(|(at, _)| text.get(at..at + 5));
    found.filter(|code| code[1..].parse::<u16>().is_ok()).map(str::to_owned).collect()
}

#[test]
fn every_code_has_a_case() {
    let mut cases = codes("tests", |path| !path.contains("/repository/"));
    for dir in ["kontract-schema", "kontract-build", "kontract-runtime", "kontract-cli"] {
        cases.extend(codes(dir, |path| path.contains("/tests")));
        cases.extend(unit_tests(dir));
    }
    let missing: Vec<String> = code::ALL
        .iter()
        .filter(|explanation| !cases.contains(explanation.code.as_str()))
        .map(|explanation| format!("{}: {}", explanation.code, explanation.title))
        .collect();
    assert!(missing.is_empty(), "without a case: {missing:#?}");
}

#[test]
fn every_code_that_is_used_is_explained() {
    for dir in
        ["kontract-schema/src", "kontract-macros/src", "kontract-build/src", "kontract-runtime/src"]
    {
        for code in codes(dir, |path| path.ends_with(".rs") && !path.ends_with("code.rs")) {
            assert!(code::explain(&code).is_some(), "{code} in {dir}");
        }
    }
}

#[test]
fn explanations_are_in_order() {
    assert!(code::ALL.windows(2).all(|pair| pair[0].code < pair[1].code));
    for explanation in code::ALL {
        assert!(
            explanation.text.len() > 20 && explanation.text.ends_with(['.', '`']),
            "{}",
            explanation.code
        );
    }
}
