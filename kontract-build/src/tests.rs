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

mod faults;

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

fn messages(report: &Report) -> Vec<String> {
    let is_message =
        |line: &&String| line.starts_with("cargo::error=") || line.starts_with("cargo::warning=");
    report.lines().iter().filter(is_message).map(|line| line.replacen("cargo::", "", 1)).collect()
}

fn lock(dir: &Dir) -> LockFile {
    LockFile::read(&dir.read(LOCK_FILE)).unwrap()
}

fn verdict(dir: &Dir, table: &str) -> Verdict {
    Verdict::read(&dir.read(&format!("target/build/app/out/kontract/tables/{table}.json"))).unwrap()
}

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
    assert_eq!(draft.changes[0].change, "users:added");
    assert!(verdict(&dir, "users").errors.is_empty());
    assert_eq!(
        crate::directory::list_names(&out),
        ["lock.json", "registry.json", "stamp", "tables"]
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
fn an_unreadable_file_keeps_the_lock_file() {
    let dir = Dir::with(&[
        ("src/lib.rs", &format!("mod post;\n{USER}")),
        ("src/post.rs", &USER.replace("User", "Post")),
    ]);
    run(&dir, &[("KONTRACT_SEAL", "init")]);
    let text = dir.read(LOCK_FILE);
    dir.write("src/post.rs", b"#[derive(Table)] pub struct Post { na");
    assert_eq!(
        messages(&run(&dir, &[])),
        [
            "warning=kontract[K0309]: src/post.rs:1:34: is not valid Rust",
            "warning=    note: the lock file stays unchanged until the source can be read",
        ]
    );
    assert_eq!(dir.read(LOCK_FILE), text);
    assert!(verdict(&dir, "users").errors.is_empty());
    // A struct with mistakes keeps its table too.
    dir.write("src/post.rs", b"#[derive(Table)] pub struct Post { name: String }");
    assert!(messages(&run(&dir, &[])).is_empty());
    assert_eq!(dir.read(LOCK_FILE), text);
    let registry = dir.read("target/build/app/out/kontract/registry.json");
    let registry = Registry::read(&registry).unwrap();
    let posts = &registry.crates[0].handles[0];
    assert_eq!((posts.name.as_str(), posts.path.as_str()), ("posts", "crate::post::Post"));
    assert_eq!(posts.fingerprint, None);
}

#[test]
fn hidden_structs_and_undecided_conditions() {
    let dir = Dir::with(&[(
        "src/lib.rs",
        "mod a { #[derive(Table)] struct User { #[primkey] id: String } }",
    )]);
    assert!(messages(&run(&dir, &[])).is_empty());
    assert_eq!(
        verdict(&dir, "users").errors[0].message,
        "kontract[K0110]: the crate root cannot name `User`\nnote: `storage!()` in the crate root makes a handle for each table\nhelp: make it and the modules around it `pub(crate)`, or re-export it"
    );
    assert!(!dir.path().join(LOCK_FILE).exists());
    dir.write("src/lib.rs", USER.replace("pub name", "#[cfg(mine)] pub name").as_bytes());
    assert_eq!(
        messages(&run(&dir, &[])),
        [
            "error=kontract[K0109]: src/lib.rs:5:11: cannot decide the condition `mine` of `User`; help: remove the condition, or use one on a cargo feature or the target instead"
        ]
    );
}

/// The messages that the derive of a table shows, each with its field.
fn shown(dir: &Dir, table: &str) -> Vec<(Option<String>, String)> {
    verdict(dir, table).errors.into_iter().map(|error| (error.field, error.message)).collect()
}

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
        draft.map(|record| record.change.clone()).collect()
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
        ["notes.notes_nick_key:index_renamed", "notes.notes_nick_check:check_renamed"]
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

#[test]
fn a_check_is_refused_at_its_field() {
    let user = USER.replace("#[derive(Table)]", "#[derive(Table)]\n#[table(layout = \"columns\")]");
    let dir = Dir::with(&[("src/lib.rs", &user)]);
    run(&dir, &[("KONTRACT_SEAL", "init")]);
    let check = "#[check(\"name <> ''\")] pub name";
    dir.write("src/lib.rs", user.replace("pub name", check).as_bytes());
    run(&dir, &[]);
    let errors = shown(&dir, "users");
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0].0.as_deref(), Some("name"), "{errors:?}");
}

#[test]
fn levels_of_rules() {
    let user = USER.replace("#[derive(Table)]", "#[derive(Table)]\n#[table(layout = \"columns\")]");
    let dir = Dir::with(&[("src/lib.rs", &user)]);
    run(&dir, &[("KONTRACT_SEAL", "init")]);
    dir.write("src/lib.rs", user.replace("name: String", "name: Option<String>").as_bytes());
    // The default level warns. The second run repeats the warning from the stamp.
    for _ in 0..2 {
        let messages = messages(&run(&dir, &[]));
        let warning = "warning=src/lib.rs:6:9: kontract[K0214]: field `name` of table `users` became optional (N1)";
        assert!(messages[0].starts_with(warning), "{messages:?}");
    }
    // The stamp includes kontract.toml.
    dir.write("kontract.toml", b"[rules]\nN1 = \"allow\"\n");
    let report = run(&dir, &[]);
    assert!(messages(&report).is_empty(), "{:?}", messages(&report));
    assert!(report.lines().iter().any(|line| line == "cargo::rerun-if-changed=kontract.toml"));

    dir.write("kontract.toml", b"[rules]\nN1 = \"deny\"\n");
    run(&dir, &[]);
    let errors = shown(&dir, "users");
    assert!(errors[0].1.starts_with("kontract[K0213]: field `name`"), "{errors:?}");
    assert!(errors[0].1.contains("note: kontract.toml says `N1 = \"deny\"`"), "{errors:?}");
    assert!(errors[0].1.contains("`kontract explain users.name:optional` shows it"), "{errors:?}");
    assert_eq!(errors[0].0.as_deref(), Some("name"));

    // A mistake in the file is an error: the lock file stays unchanged.
    let before = dir.read("kontract.lock.json");
    dir.write("kontract.toml", b"[rules]\nN1 = \"alow\"\n");
    let messages = messages(&run(&dir, &[]));
    let error =
        "error=kontract[K0314]: kontract.toml:2:1: `N1` cannot be \"alow\"; help: a level is";
    assert!(messages[0].starts_with(error), "{messages:?}");
    assert_eq!(dir.read("kontract.lock.json"), before);
}

#[test]
fn a_backfill_without_rows_to_fill_causes_a_warning() {
    let dir = Dir::with(&[("src/lib.rs", USER)]);
    run(&dir, &[("KONTRACT_SEAL", "init")]);
    let field = "#[backfill(postgres = \"data->>'name'\", sqlite = \"data->>'$.name'\")] pub nick: String, pub name";
    dir.write("src/lib.rs", USER.replace("pub name", field).as_bytes());
    assert!(messages(&run(&dir, &[])).is_empty());
    assert_eq!(lock(&dir).draft.unwrap().changes[0].rule, "C3");
    run(&dir, &[("KONTRACT_SEAL", "nick")]);
    let warning = "kontract[K0215]: `backfill` of field `nick` of table `users` has nothing to fill; help: remove it";
    let messages = messages(&run(&dir, &[]));
    assert!(messages.len() == 1 && messages[0].ends_with(warning), "{messages:?}");
}

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

#[test]
fn a_failing_build_reports_everything() {
    let post = USER.replace("User", "Post");
    let dir = Dir::with(&[("src/lib.rs", &format!("{USER}{post}"))]);
    run(&dir, &[("KONTRACT_SEAL", "init")]);
    let text = dir.read(LOCK_FILE);
    dir.write("src/lib.rs", USER.replace("name: String", "name: i64").as_bytes());
    let report = run(&dir, &[]);
    let messages = messages(&report);
    assert_eq!(messages.iter().filter(|message| message.contains("kontract[")).count(), 2);
    assert!(
        messages[0].starts_with("error=kontract[K0201]: table `posts` was removed; help: "),
        "{messages:?}"
    );
    let shown =
        "error=src/lib.rs:5:9: kontract[K0204]: type of field `name` of table `users` changed";
    assert!(messages.iter().any(|message| message.starts_with(shown)), "{messages:?}");
    // A first migration may fix the error: without the directory, the build script runs at every build.
    assert!(report.lines().contains(&"cargo::rerun-if-changed=migrations".to_owned()));
    assert_eq!(dir.read(LOCK_FILE), text);
}

#[test]
fn two_structs_of_one_table_are_reported_together() {
    let other = USER.replace("pub name: String", "pub other: f64");
    let dir = Dir::with(&[("src/lib.rs", &format!("{USER}pub mod a {{\n{other}}}\n"))]);
    let messages = messages(&run(&dir, &[]));
    assert_eq!(messages.len(), 1, "{messages:?}");
    assert!(messages[0].starts_with("error=src/lib.rs:2:12: kontract[K0101]: `crate::User` and `crate::a::User` both map to the table `users`"), "{messages:?}");
}

#[test]
fn a_dependency_from_git_is_not_written() {
    let dir = Dir::with(&[("src/lib.rs", USER)]);
    dir.write(".cargo-ok", b"");
    assert!(messages(&run(&dir, &[]))[0].contains("because this is a dependency from git"));
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
