//! What has to compile, without a warning.

#[path = "pass/tables.rs"]
mod tables;

#[test]
fn tables() {
    tables::main();
}
