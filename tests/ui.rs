//! Wrong input and its errors: a pair of files for each mistake.
//!
//! `TRYBUILD=overwrite cargo test --test ui` rewrites the expected errors; read the difference
//! as a user would.

#[test]
fn mistakes() {
    trybuild::TestCases::new().compile_fail("tests/ui/*/*.rs");
}
