//! The whole pipeline on small packages, without cargo and the compiler. The tests in tests/e2e run
//! cargo.

use std::time::{Duration, Instant};

use kontract_schema::lock::LockFile;
use kontract_schema::registry::Registry;
use kontract_schema::verdict::Verdict;

use crate::Builder;
use crate::builder::LOCK_FILE;
use crate::cargo::env::Env;
use crate::cargo::report::Report;
use crate::testing::Dir;

mod disabled_by_cfg;
mod faults;
mod lock_file;
mod messages;
mod sealing;
mod up_to_date;

const USER: &str = "#[derive(Table)]\npub struct User {\n    #[primkey]\n    pub id: String,\n    pub name: String,\n}\n";

/// Runs the build script of a package whose output is below it.
fn run(dir: &Dir, more: &[(&str, &str)]) -> Report {
    let out = dir.path().join("target/build/app/out");
    std::fs::create_dir_all(&out).unwrap();
    let (package, out) = (dir.path().to_str().unwrap(), out.to_str().unwrap());
    let usual = [("CARGO_MANIFEST_DIR", package), ("OUT_DIR", out), ("CARGO_PKG_NAME", "app")];
    let env: Vec<(&str, &str)> = usual.iter().chain(more).copied().collect();
    Builder::new().run(Env::from(env.as_slice()))
}

#[test]
fn the_builder_changes_the_paths() {
    let dir = Dir::with(&[("tools/import.rs", USER), ("db/sql/1_x.sql", "")]);
    let env = [
        ("CARGO_MANIFEST_DIR", dir.path().to_str().unwrap()),
        ("OUT_DIR", dir.path().to_str().unwrap()),
        ("CARGO_PKG_NAME", "app"),
    ];
    let builder =
        Builder::new().root("tools/import.rs").migrations("db/sql").lock("db/lock/kontract.json");
    let report = builder.run(Env::from(env));
    assert_eq!(
        messages(&report),
        [
            "error=kontract[K0405]: migration `1_x.sql`, line 1: has no section `-- up`; help: write what goes forward below a line `-- up`; `-- up postgres` and `-- up sqlite` where the databases differ"
        ]
    );
    std::fs::remove_file(dir.path().join("db/sql/1_x.sql")).unwrap();
    let report = builder.run(Env::from(env));
    assert!(messages(&report).is_empty());
    for path in ["tools/import.rs", "db/sql", "db/lock/kontract.json"] {
        assert!(report.lines().contains(&format!("cargo::rerun-if-changed={path}")), "{path}");
    }
    assert!(dir.read("db/lock/kontract.json").contains("users:added"));
    assert!(dir.read("kontract/registry.json").contains("crate::User"));
}

/// The lines of the messages. Fails if a message has more than 12 of them.
fn messages(report: &Report) -> Vec<String> {
    let is_message =
        |line: &&String| line.starts_with("cargo::error=") || line.starts_with("cargo::warning=");
    let lines = report.lines().iter().filter(is_message);
    let lines: Vec<String> = lines.map(|line| line.replacen("cargo::", "", 1)).collect();
    let mut length = 0;
    for line in &lines {
        // Further lines of a message are indented.
        length = if line.contains("=    ") { length + 1 } else { 1 };
        assert!(length <= 12, "a message has more than 12 lines: {lines:#?}");
    }
    lines
}

fn lock(dir: &Dir) -> LockFile {
    LockFile::read(&dir.read(LOCK_FILE)).unwrap()
}

fn shown(dir: &Dir, table: &str) -> Vec<(Option<String>, String)> {
    verdict(dir, table).errors.into_iter().map(|error| (error.field, error.message)).collect()
}

fn verdict(dir: &Dir, table: &str) -> Verdict {
    Verdict::read(&dir.read(&format!("target/build/app/out/kontract/tables/{table}.json"))).unwrap()
}

#[test]
fn a_hundred_tables() {
    let fields: String = (0..7).map(|i| format!("    pub field_{i}: String,\n")).collect();
    let mut files = vec![("src/main.rs".to_owned(), String::new())];
    for i in 0..100 {
        let text = format!(
            "#[derive(Debug, Table)]\npub struct Item{i} {{\n    #[primkey]\n    pub id: String,\n{fields}}}\n"
        );
        files[0].1 += &format!("mod item{i};\n");
        files.push((format!("src/item{i}.rs"), text));
    }
    let files: Vec<(&str, &str)> =
        files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let dir = Dir::with(&files);
    let timed = || {
        let started = Instant::now();
        run(&dir, &[]);
        started.elapsed()
    };
    let (first, again) = (timed(), timed());
    println!("100 tables: first {first:?}, nothing changed {again:?}");
    assert_eq!(lock(&dir).draft.unwrap().changes.len(), 100);
    assert!(again < Duration::from_millis(500), "{again:?}");
}

#[test]
fn system_errors() {
    let dir = Dir::with(&[("src/main.rs", USER), ("kontract.lock.json/x", "")]);
    let found = messages(&run(&dir, &[]));
    assert!(found.len() == 1 && found[0].starts_with("error=kontract[K0308]: "), "{found:?}");

    let dir = Dir::with(&[("src/main.rs", USER), ("target/build/app/out/kontract", "in the way")]);
    let found = messages(&run(&dir, &[]));
    assert!(found.iter().any(|line| line.starts_with("error=kontract[K0312]: ")), "{found:?}");
}
