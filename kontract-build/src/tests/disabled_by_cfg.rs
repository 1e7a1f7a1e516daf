//! Tables and fields that a `cfg` disables in the build.

use super::*;

#[test]
fn disabled_items_are_reported() {
    let off = |item: &str| format!("#[cfg(feature = \"old\")]\n{item}");
    let field = USER.replace("    pub name", "    #[cfg(feature = \"old\")]\n    pub name");
    let post = USER.replace("User", "Post");
    let dir = Dir::with(&[("src/lib.rs", &format!("{USER}{post}"))]);
    run(&dir, &[("KONTRACT_SEAL", "init")]);

    dir.write("src/lib.rs", format!("{field}{post}").as_bytes());
    assert!(messages(&run(&dir, &[])).is_empty());
    let (_, message) = &shown(&dir, "users")[0];
    let fact = "\nnote: `name` at src/lib.rs:6:9 is disabled in this build by `#[cfg(feature = \"old\")]`\nhelp: build once with it enabled, so that the lock file has its condition; or remove the condition\n";
    assert!(message.starts_with("kontract[K0203]: field `name`"), "{message}");
    assert!(message.contains(fact), "{message}");

    for (source, fact) in [
        (off(&post), "`Post` at src/lib.rs:9:12"),
        (off(&format!("mod posts {{ {post} }}")), "module `posts` at src/lib.rs:8:5"),
        (off("mod elsewhere;"), "module `elsewhere` at src/lib.rs:8:5"),
    ] {
        let tests = "#[cfg(test)] mod tests;";
        dir.write("src/lib.rs", format!("{USER}{source}{tests}").as_bytes());
        let messages = messages(&run(&dir, &[]));
        assert!(messages[0].contains("K0201"), "{messages:?}");
        assert!(messages[0].contains("; help: build once with it enabled"), "{messages:?}");
        let note = format!("{fact} is disabled in this build by `#[cfg(feature = \"old\")]`");
        assert!(messages.iter().any(|line| line.contains(&note)), "{messages:?}");
        assert!(!messages.iter().any(|line| line.contains("tests")), "{messages:?}");
    }
}

const POST: &str = "#[derive(Table)]
#[table(layout = \"columns\")]
pub struct Post {
    #[primkey]
    pub id: String,
    pub title: String,
    #[cfg(feature = \"extra\")]
    #[check(\"nick <> ''\")]
    #[unique]
    pub nick: Option<String>,
}
#[cfg(feature = \"extra\")]
mod more {
    #[derive(Table)]
    pub struct Audit {
        #[primkey]
        pub id: String,
    }
}
";

#[test]
fn disabled_items_stay_in_the_lock_file() {
    let on = ("CARGO_FEATURE_EXTRA", "1");
    let dir = Dir::with(&[("src/lib.rs", POST)]);
    // The lock file does not know items that no build has enabled.
    assert!(messages(&run(&dir, &[])).is_empty());
    assert!(!dir.read(LOCK_FILE).contains("conditions"), "{}", dir.read(LOCK_FILE));
    run(&dir, &[on]);
    let lock = LockFile::read(&dir.read(LOCK_FILE)).unwrap();
    let conditions: Vec<(&str, &str)> =
        lock.conditions.iter().map(|(what, cfg)| (&what[..], &cfg[..])).collect();
    let extra = "cfg(feature = \"extra\")";
    assert_eq!(conditions, [("audits", extra), ("posts.nick", extra)]);
    run(&dir, &[on, ("KONTRACT_SEAL", "init")]);
    let sealed = dir.read(LOCK_FILE);

    // Disabled, enabled, disabled: the lock file stays the same, also in locked mode.
    for features in [&[][..], &[on], &[("KONTRACT_LOCKED", "1")]] {
        let report = run(&dir, features);
        assert_eq!(dir.read(LOCK_FILE), sealed, "{features:?}");
        let messages = messages(&report);
        let is_on = features.contains(&on);
        assert_eq!(messages.is_empty(), is_on, "{messages:?}");
        assert_eq!(shown(&dir, "posts"), []);
        let table = verdict(&dir, "posts").table;
        assert_eq!(table.field("nick").is_some(), is_on);
        assert_eq!(table.indexes.len(), usize::from(is_on));
    }
    let messages = messages(&run(&dir, &[]));
    assert_eq!(
        messages,
        [
            "warning=kontract[K0111]: table `audits` is disabled in this build (`cfg(feature = \"extra\")`); help: to remove it, delete it from the source and build with the condition enabled",
            "warning=    note: the database keeps it as in kontract.lock.json",
            "warning=src/lib.rs:3:12: kontract[K0111]: field `nick` of table `posts` is disabled in this build (`cfg(feature = \"extra\")`); help: to remove it, delete it from the source and build with the condition enabled",
            "warning=    note: the database keeps it as in kontract.lock.json",
        ]
    );

    // Another change, and a new name of the table, are sealed in a build that disables the field.
    let source =
        POST.replace("pub struct Post", "#[renamed_from(\"posts\")]\npub struct Note").replace(
            "    pub title: String,\n",
            "    pub title: String,\n    pub size: Option<i64>,\n",
        );
    dir.write("src/lib.rs", source.as_bytes());
    run(&dir, &[]);
    let lock = LockFile::read(&dir.read(LOCK_FILE)).unwrap();
    let changes = |lock: &LockFile| -> Vec<String> {
        let draft = lock.draft.iter().flat_map(|draft| &draft.changes);
        draft.map(|record| record.change.to_string()).collect()
    };
    let changed = changes(&lock);
    assert!(changed.contains(&"notes.size:added".to_owned()), "{changed:?}");
    assert!(
        !changed.iter().any(|id| id.contains("removed") || id.contains("nick:")),
        "{changed:?}"
    );
    // A second build with the draft finds the same changes.
    run(&dir, &[]);
    assert_eq!(changes(&LockFile::read(&dir.read(LOCK_FILE)).unwrap()), changed);
    run(&dir, &[("KONTRACT_SEAL", "notes")]);
    let lock = LockFile::read(&dir.read(LOCK_FILE)).unwrap();
    let notes = &lock.tables["notes"];
    assert!(notes.field("nick").is_some() && notes.indexes.len() == 1, "{notes:?}");
    assert!(lock.conditions.contains_key("notes.nick") && lock.tables.contains_key("audits"));
    let report = run(&dir, &[on]);
    assert!(self::messages(&report).is_empty(), "{:?}", self::messages(&report));
    // The names of the index and the check follow the table once a build enables the field.
    let changed = changes(&LockFile::read(&dir.read(LOCK_FILE)).unwrap());
    assert_eq!(
        changed,
        ["notes.notes_nick_check:check_renamed", "notes.notes_nick_key:index_renamed"]
    );

    // A field that is deleted from the source is removed, enabled or not.
    let without = source.replace(
        "    #[cfg(feature = \"extra\")]\n    #[check(\"nick <> ''\")]\n    #[unique]\n    pub nick: Option<String>,\n",
        "",
    );
    dir.write("src/lib.rs", without.as_bytes());
    for features in [&[][..], &[on]] {
        run(&dir, features);
        let errors = shown(&dir, "notes");
        assert!(errors[0].1.starts_with("kontract[K0203]: field `nick`"), "{errors:?}");
    }
    dir.write(
        "src/lib.rs",
        source.split("#[cfg(feature = \"extra\")]\nmod").next().unwrap().as_bytes(),
    );
    let messages = self::messages(&run(&dir, &[on]));
    assert!(messages.iter().any(|line| line.contains("K0201")), "{messages:?}");
}

#[test]
fn a_required_field_cannot_be_disabled() {
    let user = |field: &str| {
        USER.replace("    pub name", &format!("    #[cfg(unix)]\n    {field},\n    pub name"))
    };
    let in_columns = |field: &str| {
        user(field).replace("#[derive(Table)]", "#[derive(Table)]\n#[table(layout = \"columns\")]")
    };
    let on = ("CARGO_CFG_UNIX", "");
    for (source, is_fine) in [
        (user("pub size: i64"), false),
        (user("#[default(1)] pub size: i64"), false),
        (user("pub size: Vec<i64>"), true),
        (user("pub size: Option<i64>"), true),
        (in_columns("pub size: i64"), false),
        (in_columns("pub size: Vec<i64>"), false),
        (in_columns("#[created_at] pub size: Timestamp"), false),
        (in_columns("#[default(1)] pub size: i64"), true),
        (in_columns("pub size: Option<i64>"), true),
    ] {
        let dir = Dir::with(&[("src/lib.rs", &source)]);
        run(&dir, &[on, ("KONTRACT_SEAL", "init")]);
        let sealed = dir.read(LOCK_FILE);
        let report = run(&dir, &[]);
        let errors = shown(&dir, "users");
        assert_eq!(errors.is_empty(), is_fine, "{source}\n{errors:?}");
        if !is_fine {
            let expected = "kontract[K0111]: field `size` of table `users` is disabled in this build (`cfg(unix)`), but rows require it";
            assert!(errors[0].1.starts_with(expected), "{errors:?}");
        }
        let is_document = !source.contains("layout");
        let note = "`set` replaces the whole document, so it drops the field";
        let has_note = report.lines().iter().any(|line| line.contains(note));
        assert_eq!(has_note, is_fine && is_document, "{source}");
        assert_eq!(dir.read(LOCK_FILE), sealed);
    }
}

#[test]
fn two_forms_of_one_item_have_no_condition() {
    let user = USER.replace(
        "    pub name",
        "    #[cfg(unix)]\n    pub size: i64,\n    #[cfg(not(unix))]\n    pub size: i64,\n    pub name",
    );
    let post =
        |cfg: &str| format!("#[cfg({cfg})]\nmod {{}} {{ {} }}\n", USER.replace("User", "Post"));
    let posts = post("unix").replace("{}", "a") + &post("not(unix)").replace("{}", "b");
    let direct = USER.replace("User", "Note");
    let notes = format!("#[cfg(unix)]\n{direct}#[cfg(not(unix))]\n{direct}");
    let dir = Dir::with(&[("src/lib.rs", &format!("{user}{posts}{notes}"))]);
    let unix = ("CARGO_CFG_UNIX", "");
    run(&dir, &[unix, ("KONTRACT_SEAL", "init")]);
    let lock = LockFile::read(&dir.read(LOCK_FILE)).unwrap();
    // The scan does not read disabled modules.
    let conditions: Vec<&String> = lock.conditions.keys().collect();
    assert_eq!(conditions, ["posts"]);
    // A build with the other form of the item does not change its condition.
    let report = run(&dir, &[("KONTRACT_LOCKED", "1")]);
    assert!(messages(&report).is_empty(), "{:?}", messages(&report));
    assert_eq!(lock, LockFile::read(&dir.read(LOCK_FILE)).unwrap());
    // A condition that is written differently is replaced.
    dir.write(
        "src/lib.rs",
        format!("{user}{posts}{notes}").replace("cfg(unix)", "cfg(any(unix))").as_bytes(),
    );
    run(&dir, &[unix]);
    let lock = LockFile::read(&dir.read(LOCK_FILE)).unwrap();
    assert_eq!(lock.conditions["posts"], "cfg(any(unix))");
}
