//! When a run repeats the last one, and when it runs again.

use super::*;

#[test]
fn a_second_run_without_changes_repeats_the_directives() {
    let dir = Dir::with(&[("src/main.rs", USER), ("Cargo.toml", "[package]\nname = \"app\"\n")]);
    let report = run(&dir, &[]);
    let out = dir.path().join("target/build/app/out/kontract");
    assert_eq!(
        report.lines(),
        [
            format!("cargo::rustc-env=KONTRACT_OUT={}", out.display()).as_str(),
            "cargo::rerun-if-changed=src",
            "cargo::rerun-if-changed=Cargo.toml",
            "cargo::rerun-if-env-changed=CI",
            "cargo::rerun-if-env-changed=DOCS_RS",
            "cargo::rerun-if-env-changed=KONTRACT_LOCKED",
            "cargo::rerun-if-env-changed=KONTRACT_SEAL",
            "cargo::rerun-if-changed=kontract.lock.json",
        ]
    );
    let draft = lock(&dir).draft.expect("a draft");
    assert_eq!(draft.changes[0].change.to_string(), "users:added");
    assert!(verdict(&dir, "users").errors.is_empty());
    assert_eq!(
        crate::directory::list_names(&out),
        ["compared", "lock.json", "registry.json", "stamp", "tables"]
    );
    let again = run(&dir, &[]);
    assert_eq!(report, again);
}

#[test]
fn changed_inputs_cause_a_full_run() {
    let dir = Dir::with(&[
        ("src/main.rs", &format!("mod other;\n{USER}")),
        ("src/other.rs", "fn f() {}"),
    ]);
    run(&dir, &[]);
    let stamp =
        || std::fs::metadata(dir.path().join("target/build/app/out/kontract/stamp")).unwrap();
    // A full run writes the stamp, so a changed time shows that it happened.
    let full_run = |change: &dyn Fn()| {
        let before = stamp().modified().unwrap();
        std::thread::sleep(Duration::from_millis(10));
        change();
        run(&dir, &[]);
        stamp().modified().unwrap() != before
    };
    assert!(!full_run(&|| {}));
    assert!(!full_run(&|| dir.write("src/other.rs", b"fn g() {}")));
    assert!(full_run(&|| dir.write("src/other.rs", b"#[derive(Enum)] enum E { A }")));
    assert!(full_run(&|| dir.write("src/bin/tool.rs", b"fn main() {}")));
    assert!(full_run(&|| dir.write("migrations/README.md", b"")));
    assert!(full_run(&|| std::fs::remove_file(dir.path().join(LOCK_FILE)).unwrap()));
    assert!(full_run(&|| {
        std::fs::remove_file(dir.path().join("target/build/app/out/kontract/lock.json")).unwrap()
    }));
}

#[test]
fn another_build_script_causes_a_full_run() {
    let dir = Dir::with(&[("src/main.rs", USER), ("script", "one")]);
    let registry = "target/build/app/out/kontract/registry.json";
    let run = || {
        let out = dir.path().join("target/build/app/out");
        let (package, out) = (dir.path().to_str().unwrap(), out.to_str().unwrap());
        let env = [("CARGO_MANIFEST_DIR", package), ("OUT_DIR", out), ("CARGO_PKG_NAME", "app")];
        Builder::new().run(Env::from(env).with_program(dir.path().join("script")));
        dir.read(registry)
    };
    let text = run();
    // The output of an older version.
    dir.write(registry, b"old");
    assert_eq!(run(), "old");
    std::thread::sleep(Duration::from_millis(10));
    dir.write("script", b"two");
    assert_eq!(run(), text);
}
