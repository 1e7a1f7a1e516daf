//! What a build reports, and where.

use super::*;

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
            "warning=src/post.rs:1:34: kontract[K0309]: the file is not valid Rust",
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
fn a_mistake_in_one_item_is_not_reported_at_others() {
    let source = "#[derive(Enum)] pub enum Kind { A }
        #[derive(Table)] #[table(layout = \"columns\")] pub struct User { #[primkey] pub id: i64 }
        #[derive(Table)] #[table(layout = \"columns\")] pub struct Post {
            #[primkey] pub id: i64, #[references(User)] pub user: i64, #[default(Kind::A)] pub kind: Kind }";
    let dir = Dir::with(&[("src/lib.rs", source)]);
    run(&dir, &[("KONTRACT_SEAL", "init")]);
    let text = dir.read(LOCK_FILE);
    // Its derive reports the missing key.
    dir.write("src/lib.rs", source.replacen("#[primkey] ", "", 1).as_bytes());
    assert!(messages(&run(&dir, &[])).is_empty());
    assert_eq!(shown(&dir, "posts"), []);
    dir.write("src/lib.rs", source.replace("{ A }", "{ A(i64) }").as_bytes());
    assert!(messages(&run(&dir, &[])).is_empty());
    let expected = "kontract[K0104]: `Kind` has no column type\nnote: its derive reports a mistake in it: variant `A` has data\nhelp: correct that mistake first";
    assert_eq!(shown(&dir, "posts"), [(Some("kind".to_owned()), expected.to_owned())]);
    assert_eq!(dir.read(LOCK_FILE), text);
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
            "error=src/lib.rs:5:11: kontract[K0109]: cannot decide the condition `mine` of `User`; help: remove the condition, or use one on a cargo feature or the target instead"
        ]
    );
}

/// The messages that the derive of a table shows, each with its field.

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
