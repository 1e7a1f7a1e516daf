//! What an application's own dependency tree has: no parser of Rust.

use std::process::Command;

#[test]
fn an_application_has_no_syn() {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--package", "quickstart", "--prefix", "none"])
        .args(["--edges", "no-dev,no-build,no-proc-macro"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    let tree = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(tree.contains("kontract-schema v"), "{tree}");
    for parser in ["syn v", "quote v", "proc-macro2 v"] {
        assert!(!tree.lines().any(|line| line.starts_with(parser)), "{tree}");
    }
}
