//! The lock file on the disk, and what is said to a text that is none.

use kontract_schema::lock::Migration;

use super::*;
use crate::testing::Dir;

fn sample() -> LockFile {
    let table = r#"{"ptr": "posts", "layout": "columns", "schema": {"id": {"type": "string", "primkey": true}}}"#;
    let mut table: kontract_schema::Table = serde_json::from_str(table).unwrap();
    table.name = "posts".into();
    let tables = [("posts".to_owned(), table)].into();
    LockFile::default().with_schema(kontract_schema::Schema { tables })
}

#[test]
fn written_once_and_dated_back() {
    let dir = Dir::with(&[]);
    let path = dir.path().join(NAME);
    let missing = OnDisk::read(&path).unwrap();
    assert!(!missing.differs(&LockFile::default()));
    assert!(missing.differs(&sample()));
    let asked_at = SystemTime::now() - Duration::from_secs(100);
    dir.write(&format!(".{NAME}.tmp"), b"half a lo");
    missing.write(&sample(), asked_at).unwrap();
    assert_eq!(dir.read(NAME), sample().write());
    assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), asked_at);
    assert_eq!(crate::targets::names_in(dir.path()), [NAME]);
    assert!(!OnDisk::read(&path).unwrap().differs(&sample()));
    dir.write(NAME, sample().write().replace('\n', "\r\n").as_bytes());
    assert!(!OnDisk::read(&path).unwrap().differs(&sample()));
}

#[test]
fn what_cannot_be_read_says_what_to_do() {
    let good = sample().write();
    let with_ids = |ids: &str| {
        good.replace("\"migrations\"", &format!("\"ids\": {{\"posts\": {ids}}}, \"migrations\""))
    };
    // What is removed stands beside what is there.
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
        (&format!("{{\n<<<<<<< HEAD\n{good}"), code::LOCK_CONFLICT, "kontract.lock.json:2: merge"),
        (&good.replace("\"format\": 1", "\"format\": 2"), code::LOCK_NEWER, "has format 2"),
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
        dir.write(NAME, text.as_bytes());
        let error =
            OnDisk::read(&dir.path().join(NAME)).and_then(|lock| lock.content()).unwrap_err();
        assert_eq!(error.code, code, "{text}");
        assert!(error.message.contains(message), "{}", error.message);
        assert!(!error.help.is_empty());
    }
    let error = explain(Path::new(NAME), LockFile::read(&with_ids("[]")).unwrap_err());
    assert_eq!(
        error.to_string().lines().next(),
        Some(
            "kontract[K0315]: `ids` of table `posts` in kontract.lock.json are not those of its fields: a merge or a hand has changed them"
        )
    );
}

#[test]
fn one_at_a_time() {
    let dir = Dir::with(&[]);
    let path = dir.path().join(NAME);
    let first = Guard::wait(&path).unwrap();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| Guard::wait(&path).ok().map(|_| Instant::now()));
        std::thread::sleep(Duration::from_millis(100));
        let released = Instant::now();
        drop(first);
        assert!(waiting.join().unwrap().expect("the guard") >= released);
    });
}

#[test]
fn a_key_that_stands_twice() {
    let good = sample().write();
    for (old, new, message) in [
        ("\"version\": 0", "\"version\": 0, \"version\": 0", "`version` stands here twice"),
        (
            "\"type\": \"string\"",
            "\"type\": \"string\", \"type\": \"string\"",
            "`type` stands here twice",
        ),
        ("\"posts\": {", "\"posts\": {}, \"posts\": {", "`posts` stands here twice"),
        ("\"id\": {", "\"id\": {}, \"id\": {", "`id` stands here twice"),
        // No hash is over these.
        (
            "\"migrations\"",
            "\"dropped\": {\"posts\": {\"a\": \"string\", \"a\": \"number\"}}, \"migrations\"",
            "`a` stands here twice",
        ),
        (
            "\"migrations\"",
            "\"dropped\": {\"posts\": {\"a\": \"string\"}, \"posts\": {}}, \"migrations\"",
            "`posts` stands here twice",
        ),
    ] {
        let text = good.replacen(old, new, 1);
        assert_ne!(text, good, "{old}");
        let error = LockFile::read(&text).map_err(|e| explain(Path::new(NAME), e)).unwrap_err();
        assert_eq!(error.code, code::LOCK_CORRUPT, "{text}");
        assert!(error.message.contains(message), "{} instead of {message}", error.message);
    }
}

#[test]
fn histories_that_a_merge_made() {
    let migration = |version: u32, name: &str, parent: &Migration| {
        let next = Migration { version, name: name.into(), parent: parent.hash.clone(), ..blank() };
        next.hashed()
    };
    let read = |migrations: &[&Migration]| {
        let migrations: Vec<Migration> = migrations.iter().copied().cloned().collect();
        let lock = LockFile { version: migrations.len() as u32, migrations, ..LockFile::default() };
        LockFile::read(&lock.write()).map_err(|error| explain(Path::new(NAME), error))
    };
    let one = migration(1, "one", &blank());
    let (two, other) = (migration(2, "two", &one), migration(2, "other", &one));
    let (three, four) = (migration(3, "three", &two), migration(3, "four", &other));
    assert_eq!(read(&[&one, &two, &three]).unwrap().head(), three.hash);
    for (migrations, message) in [
        (&[&one, &two, &other][..], "has two migrations 2: `two` and `other`"),
        (&[&one, &two, &three, &other, &four], "has two migrations 2: `two` and `other`"),
        (&[&one, &two, &two], "has two migrations 2: `two` and `two`"),
        (&[&one, &other, &three], "is broken: version 3 was not made on top of"),
        (&[&one, &three, &two], "is broken: version 3 stands where 2 should"),
        (&[&two, &three], "is broken: version 2 stands where 1 should"),
        (&[&one, &two, &four], "is broken: version 3 was not made on top of"),
    ] {
        let error = read(migrations).unwrap_err();
        assert_eq!(error.code, code::LOCK_CHAIN, "{}", error.message);
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
    let error = LockFile::read(&text).map_err(|e| explain(Path::new(NAME), e)).unwrap_err();
    assert_eq!(error.code, code::LOCK_CONFLICT);
    assert_eq!(error.notes, ["ours has `two`", "theirs has `other`, `third`"]);
}

/// A migration that does nothing.
fn blank() -> Migration {
    let text = r#"{"version": 0, "name": "", "hash": "", "sql": {"postgres": {"up": []}, "sqlite": {"up": []}}}"#;
    serde_json::from_str(text).unwrap()
}
