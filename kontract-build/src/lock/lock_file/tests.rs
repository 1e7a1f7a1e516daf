//! The lock file on disk, and the messages for invalid ones.

use kontract_schema::lock::Migration;

use std::path::Path;
use std::time::{Duration, Instant};

use super::*;
use crate::builder::LOCK_FILE;
use crate::lock::guard::Guard;
use crate::testing::Dir;

fn sample() -> LockFile {
    let table = r#"{"ptr": "posts", "layout": "columns", "schema": {"id": {"type": "string", "primkey": true}}}"#;
    let mut table: kontract_schema::Table = serde_json::from_str(table).unwrap();
    table.name = "posts".into();
    let tables = [("posts".to_owned(), table)].into();
    LockFile::default().with_schema(kontract_schema::Schema { tables })
}

#[test]
fn the_file_is_written_with_an_older_time() {
    let dir = Dir::with(&[]);
    let path = dir.path().join(LOCK_FILE);
    let missing = OnDisk::read(&path, dir.path()).unwrap();
    assert!(!missing.differs(&LockFile::default()));
    assert!(missing.differs(&sample()));
    let changed_at = SystemTime::now() - Duration::from_secs(100);
    dir.write(&format!(".{LOCK_FILE}.tmp"), b"half a lo");
    missing.write(&sample(), changed_at).unwrap();
    assert_eq!(dir.read(LOCK_FILE), sample().write());
    assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), changed_at);
    assert_eq!(crate::directory::list_names(dir.path()), [LOCK_FILE]);
    assert!(!OnDisk::read(&path, dir.path()).unwrap().differs(&sample()));
    dir.write(LOCK_FILE, sample().write().replace('\n', "\r\n").as_bytes());
    assert!(!OnDisk::read(&path, dir.path()).unwrap().differs(&sample()));
}

#[test]
fn invalid_lock_files() {
    let good = sample().write();
    let with_ids = |ids: &str| {
        good.replace("\"migrations\"", &format!("\"ids\": {{\"posts\": {ids}}}, \"migrations\""))
    };
    // The ids of removed fields are kept.
    let removed = with_ids("[{\"name\": \"a\", \"removed\": true, \"type\": \"string\"}, \"id\"]");
    assert_eq!(LockFile::read(&removed).unwrap().ids["posts"].len(), 2);
    let dir = Dir::with(&[]);
    for (text, code, message) in [
        ("", code::LOCK_CORRUPT, "it is empty"),
        ("{", code::LOCK_CORRUPT, "kontract.lock.json:1:1: EOF"),
        (&good[..good.len() - 9], code::LOCK_CORRUPT, "EOF while parsing"),
        (
            &good.replace("\"version\"", "\"verzion\""),
            code::LOCK_CORRUPT,
            "unknown field `verzion`",
        ),
        (
            &format!("{{\n<<<<<<< HEAD\n{good}"),
            code::LOCK_CONFLICT,
            "kontract.lock.json:2: unresolved merge",
        ),
        (&good.replace("\"format\": 2", "\"format\": 3"), code::LOCK_NEWER, "has format 3"),
        (&good.replace("string", "number"), code::LOCK_TABLE_EDITED, "table `posts`"),
        (&good.replace("\"version\": 0", "\"version\": 1"), code::LOCK_CHAIN, "broken"),
        (&with_ids("[\"id\", \"id\"]"), code::LOCK_IDS, "`ids` of table `posts`"),
        (&with_ids("[\"title\"]"), code::LOCK_IDS, "`ids` of table `posts`"),
        (
            &with_ids("[\"id\", {\"name\": \"a\", \"removed\": true, \"ids\": [\"b\"]}]"),
            code::LOCK_IDS,
            "`ids` of table `posts`",
        ),
        (&with_ids("[{\"name\": \"id\", \"was\": 1}]"), code::LOCK_CORRUPT, "did not match"),
    ] {
        dir.write(LOCK_FILE, text.as_bytes());
        let error = OnDisk::read(&dir.path().join(LOCK_FILE), dir.path())
            .and_then(|lock| lock.parse())
            .unwrap_err();
        assert_eq!(error.code, Some(code), "{text}");
        assert!(error.message.contains(message), "{}", error.message);
        assert!(!error.help.is_empty());
    }
    let error =
        explain_read_error(Path::new(LOCK_FILE), LockFile::read(&with_ids("[]")).unwrap_err());
    assert_eq!(
        error.to_string().lines().next(),
        Some(
            "kontract[K0315]: `ids` of table `posts` in kontract.lock.json do not match its fields: they were changed by a merge or by hand"
        )
    );
}

#[test]
fn one_process_at_a_time_holds_the_guard() {
    let dir = Dir::with(&[]);
    let path = dir.path().join(LOCK_FILE);
    let first = Guard::acquire(&path).unwrap();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| Guard::acquire(&path).ok().map(|_| Instant::now()));
        std::thread::sleep(Duration::from_millis(100));
        let released = Instant::now();
        drop(first);
        assert!(waiting.join().unwrap().expect("the guard") >= released);
    });
}

#[test]
fn a_duplicate_key() {
    let good = sample().write();
    for (old, new, message) in [
        ("\"version\": 0", "\"version\": 0, \"version\": 0", "the key `version` is duplicate"),
        (
            "\"type\": \"string\"",
            "\"type\": \"string\", \"type\": \"string\"",
            "the key `type` is duplicate",
        ),
        ("\"posts\": {", "\"posts\": {}, \"posts\": {", "the key `posts` is duplicate"),
        ("\"id\": {", "\"id\": {}, \"id\": {", "the key `id` is duplicate"),
        // Keys that no hash covers.
        (
            "\"migrations\"",
            "\"dropped\": {\"posts\": {\"a\": \"string\", \"a\": \"number\"}}, \"migrations\"",
            "the key `a` is duplicate",
        ),
        (
            "\"migrations\"",
            "\"dropped\": {\"posts\": {\"a\": \"string\"}, \"posts\": {}}, \"migrations\"",
            "the key `posts` is duplicate",
        ),
    ] {
        let text = good.replacen(old, new, 1);
        assert_ne!(text, good, "{old}");
        let error = LockFile::read(&text)
            .map_err(|e| explain_read_error(Path::new(LOCK_FILE), e))
            .unwrap_err();
        assert_eq!(error.code, Some(code::LOCK_CORRUPT), "{text}");
        assert!(error.message.contains(message), "{} instead of {message}", error.message);
    }
}

#[test]
fn histories_that_a_merge_broke() {
    let migration = |version: u32, name: &str, parent: &Migration| {
        let next = Migration { version, name: name.into(), parent: parent.hash.clone(), ..blank() };
        next.hashed()
    };
    let read = |migrations: &[&Migration]| {
        let migrations: Vec<Migration> = migrations.iter().copied().cloned().collect();
        let lock = LockFile { version: migrations.len() as u32, migrations, ..LockFile::default() };
        LockFile::read(&lock.write())
            .map_err(|error| explain_read_error(Path::new(LOCK_FILE), error))
    };
    let one = migration(1, "one", &blank());
    let (two, other) = (migration(2, "two", &one), migration(2, "other", &one));
    let (three, four) = (migration(3, "three", &two), migration(3, "four", &other));
    assert_eq!(read(&[&one, &two, &three]).unwrap().head(), three.hash);
    for (migrations, message) in [
        (&[&one, &two, &other][..], "has two migrations 2: `two` and `other`"),
        (&[&one, &two, &three, &other, &four], "has two migrations 2: `two` and `other`"),
        (&[&one, &two, &two], "has two migrations 2: `two` and `two`"),
        (&[&one, &other, &three], "is broken: migration 3 does not follow from"),
        (&[&one, &three, &two], "is broken: it has migration 3 where 2 is expected"),
        (&[&two, &three], "is broken: it has migration 2 where 1 is expected"),
        (&[&one, &two, &four], "is broken: migration 3 does not follow from"),
    ] {
        let error = read(migrations).unwrap_err();
        assert_eq!(error.code, Some(code::LOCK_CHAIN), "{}", error.message);
        assert!(error.message.contains(message), "{} instead of {message}", error.message);
        assert!(
            error.help.iter().any(|help| help.contains("--theirs") || help.contains("merge")),
            "{:?}",
            error.help
        );
    }
}

#[test]
fn a_conflict_shows_both_sides() {
    let name = |names: &[&str]| -> String {
        names.iter().map(|name| format!("      \"name\": \"{name}\",\n")).collect()
    };
    let text = format!(
        "{{\n{}<<<<<<< HEAD\n{}||||||| base\n{}=======\n{}>>>>>>> other\n{}}}\n",
        name(&["init"]),
        name(&["two"]),
        name(&["", "gone"]),
        name(&["other", "third"]),
        name(&["end"]),
    );
    let error =
        LockFile::read(&text).map_err(|e| explain_read_error(Path::new(LOCK_FILE), e)).unwrap_err();
    assert_eq!(error.code, Some(code::LOCK_CONFLICT));
    assert_eq!(error.notes, ["ours has `two`", "theirs has `other`, `third`"]);
}

/// A migration that does nothing.
fn blank() -> Migration {
    let text = r#"{"version": 0, "name": "", "hash": "", "sql": {"postgres": {"up": []}, "sqlite": {"up": []}}}"#;
    serde_json::from_str(text).unwrap()
}
