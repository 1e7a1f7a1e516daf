//! Sealing, and locked mode.

use super::*;

#[test]
fn sealing() {
    let dir = Dir::with(&[("src/lib.rs", USER)]);
    assert_eq!(
        messages(&run(&dir, &[("KONTRACT_SEAL", "Init!")])),
        [
            "error=kontract[K0311]: `Init!` is not a valid name for a migration; help: use lower-case letters, digits and `_`: `KONTRACT_SEAL=add_posts cargo build`"
        ]
    );
    // A second run finds the migration sealed.
    for _ in 0..2 {
        assert!(messages(&run(&dir, &[("KONTRACT_SEAL", "init")])).is_empty());
        let lock = lock(&dir);
        assert_eq!((lock.version, lock.migrations.len(), lock.draft), (1, 1, None));
        assert_eq!(lock.migrations[0].name, "init");
        assert!(lock.tables.contains_key("users"));
    }
    dir.write("src/lib.rs", format!("{USER}{}", USER.replace("User", "Post")).as_bytes());
    assert_eq!(
        messages(&run(&dir, &[("KONTRACT_SEAL", "init")])),
        [
            "error=kontract[K0311]: a migration `init` already exists; help: choose another name; is KONTRACT_SEAL still set from the last build?"
        ]
    );
    assert!(messages(&run(&dir, &[("KONTRACT_SEAL", "posts")])).is_empty());
    let lock = lock(&dir);
    assert_eq!(lock.migrations[1].parent, lock.migrations[0].hash);
}

#[test]
fn sealing_without_changes() {
    let dir = Dir::with(&[("src/lib.rs", USER)]);
    run(&dir, &[("KONTRACT_SEAL", "init")]);
    assert_eq!(
        messages(&run(&dir, &[("KONTRACT_SEAL", "posts")])),
        [
            "warning=kontract[K0311]: there is nothing to seal as `posts`: the structs match version 1 in kontract.lock.json; help: is KONTRACT_SEAL still set from the last build?"
        ]
    );
    // An invalid name is reported even if it is not needed, or other errors exist.
    let wrong = "error=kontract[K0311]: `Posts` is not a valid name for a migration";
    assert!(messages(&run(&dir, &[("KONTRACT_SEAL", "Posts")]))[0].starts_with(wrong));
    dir.write("src/lib.rs", b"");
    assert!(messages(&run(&dir, &[("KONTRACT_SEAL", "Posts")]))[0].starts_with(wrong));
}

#[test]
fn locked_mode_reads_only() {
    let dir = Dir::with(&[("src/lib.rs", USER)]);
    let report = run(&dir, &[("CI", "true")]);
    assert_eq!(
        messages(&report),
        [
            "error=kontract[K0307]: kontract.lock.json is out of date, and is not written because CI is set; help: build on your machine, and commit kontract.lock.json",
            "error=    note: `users:added` is missing from it",
        ]
    );
    assert!(!dir.path().join(LOCK_FILE).exists());
    run(&dir, &[]);
    assert!(messages(&run(&dir, &[("CI", "true")])).is_empty());
    dir.write("Cargo.toml.orig", b"");
    let text = dir.read(LOCK_FILE);
    dir.write("src/lib.rs", USER.replace("User", "Post").as_bytes());
    let messages = messages(&run(&dir, &[]));
    assert!(messages[0].contains("this is a packaged source"), "{messages:?}");
    assert_eq!(
        messages[1..],
        [
            "error=    note: `posts:added` is missing from it",
            "error=    note: `users:added` is in it but no longer in the source"
        ]
    );
    assert_eq!(dir.read(LOCK_FILE), text);
}

#[test]
fn a_release_with_a_draft_causes_a_warning() {
    let dir = Dir::with(&[("src/lib.rs", USER)]);
    let warning = "warning=kontract[K0310]: a release build does not apply unsealed changes; help: seal them: `KONTRACT_SEAL=name cargo build`";
    // The second run ends early and repeats the warning.
    for _ in 0..2 {
        assert_eq!(messages(&run(&dir, &[("PROFILE", "release")])), [warning]);
    }
    assert!(messages(&run(&dir, &[("PROFILE", "debug")])).is_empty());
    assert!(messages(&run(&dir, &[("PROFILE", "release"), ("KONTRACT_SEAL", "init")])).is_empty());
}
