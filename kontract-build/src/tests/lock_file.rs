//! What a build keeps of the lock file that it finds.

use super::*;

#[test]
fn the_lock_file_keeps_the_types_of_removed_fields() {
    let dir = Dir::with(&[("src/lib.rs", USER)]);
    run(&dir, &[("KONTRACT_SEAL", "init")]);
    let without = USER
        .replace("    pub name: String,\n", "")
        .replace("pub struct", "#[removed(\"name\")] pub struct");
    dir.write("src/lib.rs", without.as_bytes());
    run(&dir, &[]);
    let errors = shown(&dir, "users");
    assert!(errors[0].1.contains("note: the source states the removal"), "{errors:?}");
    dir.write("migrations/0002_no_names.sql", b"-- kontract: covers users.name:removed\n-- up\n");
    // After sealing, the hint may stay.
    run(&dir, &[("KONTRACT_SEAL", "no_names")]);
    assert!(messages(&run(&dir, &[])).is_empty());
    let lock = lock(&dir);
    assert_eq!(lock.version, 2);
    assert_eq!(lock.migrations[1].changes[0].rule, "C15");
    assert_eq!(lock.dropped["users"]["name"], kontract_schema::Type::String);

    // With the hint the name cannot be used again; without it, another type causes a warning.
    let again = |ty: &str| format!("pub id: String,\n    pub name: Option<{ty}>");
    dir.write("src/lib.rs", without.replace("pub id: String", &again("i64")).as_bytes());
    run(&dir, &[]);
    let errors = shown(&dir, "users");
    assert!(errors[0].1.starts_with("kontract[K0209]: field `name` was not removed"), "{errors:?}");
    let plain = without.replace("#[removed(\"name\")] ", "");
    dir.write("src/lib.rs", plain.replace("pub id: String", &again("i64")).as_bytes());
    let found = messages(&run(&dir, &[]));
    assert!(
        found[0].contains("K0214")
            && found[1].contains("a removed field of this name was a `string`"),
        "{found:?}"
    );
    dir.write("src/lib.rs", plain.replace("pub id: String", &again("String")).as_bytes());
    assert!(messages(&run(&dir, &[])).is_empty());
}

/// A lock file of format 1 is not out of date; what is written next is format 2, with the same history.
#[test]
fn a_lock_file_of_format_1_builds() {
    let dir = Dir::with(&[("src/lib.rs", USER)]);
    run(&dir, &[("KONTRACT_SEAL", "init")]);
    dir.write(
        "src/lib.rs",
        USER.replace("pub name: String", "pub name: String,\n    pub age: Option<i32>").as_bytes(),
    );
    run(&dir, &[]);
    let lock = lock(&dir);
    let old = lock.write_in_format_1();
    assert!(old.contains("\"format\": 1") && lock.draft.is_some());
    dir.write(LOCK_FILE, old.as_bytes());
    for env in [&[("CI", "true")][..], &[]] {
        assert!(messages(&run(&dir, env)).is_empty());
        assert_eq!(dir.read(LOCK_FILE), old);
    }
    assert!(messages(&run(&dir, &[("KONTRACT_SEAL", "add_age")])).is_empty());
    let after = self::lock(&dir);
    assert!(dir.read(LOCK_FILE).contains("\"format\": 2"));
    assert_eq!(after.migrations[0], lock.migrations[0]);
    assert_eq!(after.migrations[1].sql, lock.draft.unwrap().sql);
}
