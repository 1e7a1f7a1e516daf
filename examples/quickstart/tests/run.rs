//! The program runs on both databases, and its second run finds the rows of the first one.

use std::process::Command;

fn run(url: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_quickstart"))
        .env("DATABASE_URL", url)
        .output()
        .expect("the program starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

fn twice(url: &str) {
    let first = run(url);
    assert!(first.contains("connected: 0 users, 0 posts, 0 todos"), "{first}");
    assert!(first.contains("read:      Alice"), "{first}");
    assert!(first.contains("updated:   Al is 31, version 2"), "{first}");
    assert!(
        first.contains("filtered:  1 adults whose names begin with A, 1 published posts"),
        "{first}"
    );
    assert!(first.contains("done:      Buy milk\ndone:      Write a post"), "{first}");
    assert!(first.contains("deleted:   exists now: false\nrestored:  exists now: true"), "{first}");
    let second = run(url);
    assert!(second.contains("connected: 1 users, 1 posts, 0 todos"), "{second}");
}

#[test]
fn on_sqlite() {
    let dir = kontract_test_support::temporary_directory();
    twice(&format!("sqlite:{}", dir.path().join("quickstart.db").display()));
}

#[test]
fn on_postgres() {
    twice(kontract_test_support::postgres_database().url());
}
