//! The real output of cargo, and the bytes of the lock file. Each case is one application.

use std::fs;
use std::process::{Command, Stdio};

use kontract_e2e::{App, USER};

fn app(case: &str, main: &str) -> App {
    App::new(case, env!("CARGO_TARGET_TMPDIR"), main)
}

/// An application whose [`USER`] is sealed as version 1.
fn sealed(case: &str) -> App {
    let app = app(case, USER);
    app.seal("init");
    app
}

/// The names of the files beside Cargo.toml.
fn files(app: &App) -> Vec<String> {
    let entries = fs::read_dir(app.dir()).expect("the application");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn the_first_build_writes_the_lock_file_and_the_second_compiles_nothing() {
    let app = app("first_build", USER);
    assert!(app.check().passes().compiled());
    assert_eq!(app.changes("draft"), ["users:added"]);
    assert_eq!(app.lock_json()["version"], 0);
    assert_eq!(files(&app), ["Cargo.lock", "Cargo.toml", "build.rs", "kontract.lock.json", "src"]);
    let built = app.check().passes();
    assert!(!built.compiled(), "{}", built.text);
    assert!(built.text.contains("Finished"), "{}", built.text);
}

#[test]
fn two_builds_of_the_same_sources_write_the_same_bytes() {
    let app = app("same_bytes", USER);
    let out = |app: &App, file: &str| fs::read(app.out_dir().join(file)).expect(file);
    app.check().passes();
    let first = (app.lock(), out(&app, "registry.json"), out(&app, "tables/users.json"));
    fs::remove_file(app.dir().join("kontract.lock.json")).expect("the lock");
    fs::remove_dir_all(app.out_dir()).expect("the output");
    app.check().passes();
    assert_eq!(first, (app.lock(), out(&app, "registry.json"), out(&app, "tables/users.json")));
}

#[test]
fn builds_during_an_edit_leave_only_the_last_draft() {
    let app = sealed("typing");
    for text in ["\n    n", "i", "c", "k: O", "ption<St", "ring>,\n"] {
        let main = app.read("src/main.rs");
        let (struct_, rest) = main.split_once("\n}\n").expect("the end of the struct");
        app.write(
            "src/main.rs",
            &format!("{struct_}{text}\n}}\n{rest}").replace("\n\n    n", "\n    n"),
        );
        app.check();
    }
    app.check().passes();
    assert_eq!(app.changes("draft"), ["users.nick:added"]);
    assert_eq!(app.lock_json()["version"], 1);
    app.edit("src/main.rs", "    nick: Option<String>,\n", "");
    app.check().passes();
    assert!(app.lock_json()["draft"].is_null());
}

#[test]
fn dangerous_changes_fail_at_their_fields_all_at_once() {
    let app = sealed("dangerous");
    let lock = app.lock();
    app.edit(
        "src/main.rs",
        "    pub name: String,\n    pub age: f64,\n",
        "    pub age: i64,\n    pub level: i32,\n",
    );
    let built = app.check().fails();
    assert_eq!(built.errors(), 3, "{}", built.text);
    built
        .says(" --> src/main.rs:4:12\n  |\n4 | pub struct User {\n  |            ^^^^")
        .says("error: kontract[K0203]: field `name` of table `users` was removed")
        .says(" --> src/main.rs:7:9\n  |\n7 |     pub age: i64,\n  |         ^^^")
        .says(" --> src/main.rs:8:9\n  |\n8 |     pub level: i32,\n  |         ^^^^^");
    assert_eq!(app.lock(), lock);
    // The errors are reported until the mistake is fixed.
    app.check().fails().says("field `name` of table `users` was removed");
    app.write("src/main.rs", &(USER.to_owned() + "\nkontract::storage!();\n\nfn main() {}\n"));
    app.check().passes();
    assert_eq!(app.lock(), lock);
}

#[test]
fn a_manual_migration_pasted_from_the_error_lets_the_build_pass() {
    let app = sealed("manual");
    app.edit("src/main.rs", "    pub name: String,\n", "");
    let built = app.check().fails();
    let (file, text) = built.pasted();
    assert_eq!(file, "migrations/0002_remove_users_name.sql");
    assert!(text.starts_with("-- kontract: covers users.name:removed\n"), "{text}");
    // The build script notices that the directory now exists.
    app.write(&file, &text);
    // The data loss has to be accepted, and the error shows how.
    let built = app
        .check()
        .fails()
        .says("error: kontract[K0407]: migration `0002_remove_users_name.sql` loses data, and its plan is not accepted")
        .says(" --> src/main.rs:4:12\n  |\n4 | pub struct User {\n  |            ^^^^")
        .says("help: state the removal of `name` on the struct of `users`: `#[removed(\"name\")]`");
    let (_, line) = built.text.split_once("that writes `").expect("the line");
    let line = line.split('`').next().expect("its end");
    let pasted = text.clone();
    let text = text.replacen('\n', &format!("\n{line}\n"), 1);
    app.write(&file, &format!("{text}SELECT 1;\n"));
    app.check().fails().says("loses data, and its plan has changed since it was accepted");
    app.write(&file, &text);
    app.check().passes();
    assert_eq!(app.changes("draft"), ["users.name:removed"]);
    // The source can accept the loss, too. Then the line in the file is an error.
    let source = app.read("src/main.rs");
    app.edit("src/main.rs", "pub struct User", "#[removed(\"name\")]\npub struct User");
    app.check().fails().says("accepts losses, and does not lose data");
    app.write(&file, &pasted);
    app.check().passes();
    app.write("src/main.rs", &source);
    app.write(&file, &text);
    app.check().passes();
    let draft = &app.lock_json()["draft"];
    assert_eq!(draft["name"], "remove_users_name");
    assert_eq!(draft["manual"]["file"], "0002_remove_users_name.sql");
    assert!(!app.check().passes().compiled());

    // A migration must cover exactly the changes that need it.
    app.write(&file, &text.replace("users.name:removed", "users.name:removed, users.age:type"));
    app.check().fails().says("kontract[K0406]: migration `0002_remove_users_name.sql` covers `users.age:type`, which is not among the changes");
    app.write(&file, &text.replace("users.name:removed", "users.age:type"));
    app.check()
        .fails()
        .says("error: kontract[K0203]: field `name` of table `users` was removed")
        .says("error: kontract[K0406]: migration `0002_remove_users_name.sql` covers `users.age:type`")
        .says(" --> src/main.rs:10:1\n   |\n10 | kontract::storage!();");
    app.write(&file, &text);
    app.seal("ignored");
    assert_eq!(app.changes("newest"), ["users.name:removed"]);

    // A sealed file must not change.
    let lock = app.lock();
    app.write(&file, &format!("{text}-- one more line\n"));
    app.check().passes();
    app.write(&file, &format!("{text}SELECT 1;\n"));
    app.check().fails().says("error: kontract[K0403]: migration `0002_remove_users_name.sql` was changed after version 2 was sealed from it");
    app.write(&file, &text.replace('\n', "\r\n"));
    app.check().passes();
    fs::remove_file(app.dir().join(&file)).expect("the file");
    app.check().fails().says("error: kontract[K0402]: migration `0002_remove_users_name.sql` is missing: version 2 was sealed from it");
    app.write("migrations/0002_other.sql", &text);
    app.write("migrations/3_x.SQL", &text);
    app.check()
        .fails()
        .says("kontract[K0401]: `3_x.SQL` is not a valid file name for a migration")
        .says("kontract[K0404]: migration `0002_other.sql` has the wrong number: the next migration is 3");
    assert_eq!(app.lock(), lock);
}

#[test]
fn levels_in_kontract_toml() {
    let app = sealed("levels");
    app.edit("src/main.rs", "    pub name: String,\n", "    pub name: Option<String>,\n");
    app.check().passes().says("warning: app@0.1.0: src/main.rs:7:9: kontract[K0214]: field `name` of table `users` became optional (N1)");
    app.write("kontract.toml", "[rules]\nN1 = \"deny\"\n");
    // Cargo does not watch the new file yet; another change makes it run the build script.
    app.edit("src/main.rs", "    pub age: f64,\n", "    pub age: f32,\n");
    let built = app.check().fails();
    assert_eq!(built.errors(), 2, "{}", built.text);
    built
        .says("error: kontract[K0213]: field `name` of table `users` became optional")
        .says("note: kontract.toml says `N1 = \"deny\"`")
        .says("error: kontract[K0204]: type of field `age`");
    // Now cargo watches the file.
    app.edit("src/main.rs", "    pub age: f32,\n", "    pub age: f64,\n");
    app.check().fails().says("kontract[K0213]");
    app.write("kontract.toml", "[rules]\nN1 = \"allow\"\n");
    assert!(!app.check().passes().text.contains("became optional"));
    app.write("kontract.toml", "[rules]\nN1 = \"alow\"\n");
    app.check().fails().says("kontract[K0314]: kontract.toml:2:1: `N1` cannot be \"alow\"");
}

#[test]
fn hints_make_a_build_pass_and_may_stay() {
    let app = sealed("hints");
    let nick = "    #[backfill(postgres = \"data->>'name'\", sqlite = \"data->>'$.name'\")]\n    pub nick: String,\n";
    app.edit("src/main.rs", "    pub name: String,\n", &format!("    pub name: String,\n{nick}"));
    app.check().passes();
    assert_eq!(app.changes("draft"), ["users.nick:added"]);
    app.seal("nick");
    app.check().passes().says("`backfill` of field `nick` of table `users` has nothing to fill");

    app.edit("src/main.rs", nick, "    pub call: String,\n");
    let built = app.check().fails();
    built.says("#[renamed_from(\"nick\")]").says("on the struct: `#[removed(\"nick\")]`");
    app.edit("src/main.rs", "pub struct User", "#[removed(\"nick\")]\npub struct User");
    app.edit("src/main.rs", "pub call: String", "pub call: Option<String>");
    let (file, text) = app.check().fails().pasted();
    assert!(text.starts_with("-- kontract: covers users.nick:removed\n"), "{text}");
    app.write(&file, &text);
    app.check().passes();
    app.seal("nick_is_gone");
    app.check().passes();
    assert_eq!(app.lock_json()["dropped"]["users"]["nick"], "string");
}

#[test]
fn a_sealed_migration_that_no_database_has_run_can_be_withdrawn() {
    let app = sealed("withdrawn");
    let before = app.lock();
    app.edit("src/main.rs", "    pub name: String,\n", "");
    app.edit("src/main.rs", "pub struct User", "#[removed(\"name\")]\npub struct User");
    let (file, text) = app.check().fails().pasted();
    app.write(&file, &text);
    app.seal("ignored");
    app.write(&file, &format!("{text}SELECT 1;\n"));
    app.check()
        .fails()
        .says("help: or, if no database has run it, unseal it: restore the lock file from before");
    // Follows the advice of the message.
    app.write("kontract.lock.json", &before);
    app.check().passes();
    assert_eq!(app.changes("draft"), ["users.name:removed"]);
}

#[test]
fn a_removed_table_is_an_error_at_the_storage() {
    let app = sealed("removed_table");
    let lock = app.lock();
    app.write("src/main.rs", "kontract::storage!();\n\nfn main() {}\n");
    let built = app
        .check()
        .fails()
        .says("error: kontract[K0201]: table `users` was removed")
        .says(" --> src/main.rs:1:1\n  |\n1 | kontract::storage!();\n  | ^^^^");
    assert_eq!(built.errors(), 1, "{}", built.text);
    assert_eq!(app.lock(), lock);
    // Without a derive and `storage!()`, the build script reports the error.
    app.write("src/main.rs", "fn main() {}\n");
    app.check().fails().says("error: app@0.1.0: kontract[K0201]: table `users` was removed");
    assert_eq!(app.lock(), lock);
    // The message offers a complete migration.
    let (file, text) = built.pasted();
    app.write(&file, &text);
    // The user has to add the line that accepts the data loss.
    let built = app.check().fails();
    let (_, line) = built.text.split_once("that writes `").expect("the line");
    let line = line.split('`').next().expect("its end");
    app.write(&file, &text.replacen('\n', &format!("\n{line}\n"), 1));
    app.check().passes();
    assert_eq!(app.changes("draft"), ["users:removed"]);
}

#[test]
fn the_registry_causes_no_lint() {
    let app = app("lints", "");
    let rules = r##"#![forbid(unsafe_code, unused_qualifications)]
#![deny(missing_docs, dead_code, missing_debug_implementations, unreachable_pub, elided_lifetimes_in_paths)]
#![deny(warnings, unused, future_incompatible, nonstandard_style, let_underscore, rust_2018_idioms)]
#![deny(unnameable_types, missing_copy_implementations, single_use_lifetimes, unused_lifetimes)]
#![deny(clippy::all, clippy::pedantic, clippy::nursery, clippy::cargo, clippy::allow_attributes)]
#![deny(clippy::exhaustive_structs, clippy::missing_inline_in_public_items, clippy::absolute_paths)]
#![deny(clippy::allow_attributes_without_reason, clippy::implicit_return, clippy::decimal_literal_representation)]
#![deny(clippy::question_mark_used, clippy::min_ident_chars)]
#![allow(clippy::redundant_pub_crate, clippy::cargo_common_metadata, clippy::multiple_crate_versions, reason = "not the subject")]
"##;
    let text = format!("//! Rules.\n{rules}\nmod models;\n\nkontract::storage!();\n");
    app.write("src/lib.rs", &text);
    // The handle of the private struct is unused.
    app.write(
        "src/models.rs",
        r##"//! The tables.
#[derive(kontract::Table)]
#[table(layout = "columns")]
pub(crate) struct Job {
    #[primkey]
    id: String,
}
"##,
    );
    app.write("src/main.rs", "//! A program that uses none of it.\nfn main() {}\n");
    app.edit("src/models.rs", "    id: String", "    pub(crate) id: String");
    app.cargo(&["clippy"], &[]).passes().is_silent_about("warning");
}

#[test]
fn ci_reads_the_lock_file_and_never_writes_it() {
    let app = app("locked", USER);
    let ci = |app: &App| app.cargo(&["check"], &[("CI", "true")]);
    ci(&app)
        .fails()
        .says("error: app@0.1.0: kontract[K0307]: kontract.lock.json is out of date, and is not written because CI is set")
        .says("note: `users:added` is missing from it");
    assert!(!app.dir().join("kontract.lock.json").exists());
    app.check().passes();
    ci(&app).passes();
    // A packaged source: cargo keeps the original manifest next to the generated one.
    app.write("Cargo.toml.orig", "");
    app.check().passes();
    let lock = app.lock();
    app.edit("src/main.rs", "pub age: f64", "pub age: f64,\n    pub nick: String");
    app.check().fails().says("because this is a packaged source");
    assert_eq!(app.lock(), lock);
    assert!(!app.dir().join(".kontract.lock.json.tmp").exists());
}

#[test]
fn a_damaged_lock_file_is_reported_and_not_changed() {
    let app = sealed("damaged");
    let good = app.lock();
    for (text, says) in [
        (good[..good.len() / 2].to_owned(), "kontract[K0301]: kontract.lock.json:"),
        (
            format!(
                "<<<<<<< HEAD\n{good}=======\n{}>>>>>>> other\n",
                good.replacen("\"init\"", "\"other\"", 1)
            ),
            "kontract[K0302]: kontract.lock.json:1: unresolved merge conflict",
        ),
        (
            good.replacen("\"format\": 2", "\"format\": 9", 1),
            "kontract[K0303]: kontract.lock.json has format 9",
        ),
        (
            good.replacen("\"number\"", "\"string\"", 1),
            "kontract[K0304]: table `users` in kontract.lock.json was edited by hand",
        ),
        (
            good.replacen("\"init\"", "\"other\"", 1),
            "kontract[K0305]: migration 1 in kontract.lock.json was edited by hand",
        ),
        (
            good.replacen("\"version\": 1", "\"version\": 2", 1),
            "kontract[K0306]: the history in kontract.lock.json is broken",
        ),
    ] {
        assert_ne!(text, good, "{says}");
        app.write("kontract.lock.json", &text);
        let built = app.check().fails().says("error: app@0.1.0: ").says(says).says("; help: ");
        assert_eq!(built.errors(), 1 + built.text.matches("    note: ").count(), "{}", built.text);
        assert_eq!(app.lock(), text);
    }
    // The sealed parts of both sides are equal.
    let conflict = format!("<<<<<<< HEAD\n{good}=======\n{good}>>>>>>> other\n");
    for text in [conflict, good.clone()] {
        app.write("kontract.lock.json", &text);
        app.check().passes();
        assert_eq!(app.lock(), good);
    }
}

#[test]
fn a_read_only_source_directory_is_locked_mode() {
    let app = sealed("read_only");
    let lock = app.lock();
    app.edit("src/main.rs", "pub age: f64", "pub age: f64,\n    pub nick: Option<String>");
    let mode = |writable: bool| {
        let mut permissions = fs::metadata(app.dir()).expect("the application").permissions();
        #[cfg(unix)]
        std::os::unix::fs::PermissionsExt::set_mode(
            &mut permissions,
            if writable { 0o755 } else { 0o555 },
        );
        #[cfg(not(unix))]
        permissions.set_readonly(!writable);
        fs::set_permissions(app.dir(), permissions).expect("permissions");
    };
    mode(false);
    let built = app.check();
    mode(true);
    built.fails().says("kontract[K0307]").says("`users.nick:added` is missing from it");
    assert_eq!(app.lock(), lock);
    app.check().passes();
    assert_ne!(app.lock(), lock);
}

#[test]
fn a_struct_that_the_scan_cannot_see_is_an_error() {
    let app = app(
        "unseen",
        "use kontract::prelude::*;\n\nmacro_rules! table {\n    ($name:ident) => {\n        #[derive(Serialize, Deserialize, Table)]\n        pub struct $name {\n            #[primkey]\n            pub id: String,\n        }\n    };\n}\n\ntable!(User);\n",
    );
    app.check()
        .fails()
        .says("kontract[K0022]: the build script did not see `User`")
        .says("src/main.rs:13:8");
    let lock = app.dir().join("kontract.lock.json");
    assert!(!lock.exists());
}

#[test]
fn one_mistake_in_a_struct_is_one_message() {
    let main = USER.replace("    #[primkey]\n", "")
        + "\npub async fn used(storage: Storage) -> kontract::Result<Option<User>> {\n    storage.users.get(\"1\").await\n}\n";
    let app = app("one_message", &main);
    let built = app.check().fails().says("error: kontract[K0003]: `User` has no primary key");
    assert_eq!(built.errors(), 1, "{}", built.text);
    app.edit("src/main.rs", "    pub id", "    #[primkey]\n    pub id");
    app.check().passes();
}

#[test]
fn a_package_without_a_build_script_gets_help_to_add_one() {
    let app = app("no_build_script", USER);
    fs::remove_file(app.dir().join("build.rs")).expect("build.rs");
    app.write("src/main.rs", &(USER.to_owned() + "\nfn main() {}\n"));
    let built = app
        .check()
        .fails()
        .says("error: kontract[K0021]: this package has no Kontract build script\n")
        .says("fn main() { kontract_build::compile(); }")
        .says("--> src/main.rs:4:12");
    assert_eq!(built.errors(), 1, "{}", built.text);
}

#[test]
fn a_file_with_a_syntax_error_keeps_its_tables() {
    let app = app("syntax_error", &format!("mod post;\n\n{USER}"));
    app.write("src/post.rs", &USER.replace("User", "Post"));
    app.seal("init");
    let (lock, post) = (app.lock(), app.read("src/post.rs"));
    app.edit("src/post.rs", "    pub name: String,\n", "    pub name: Str(ing,\n");
    app.check()
        .fails()
        .says("warning: app@0.1.0: src/post.rs:")
        .says(": kontract[K0309]: the file is not valid Rust")
        .is_silent_about("was removed");
    assert_eq!(app.lock(), lock);
    app.write("src/post.rs", &post);
    let built = app.check().passes();
    assert!(!built.text.contains("K0309"), "{}", built.text);
    assert_eq!(app.lock(), lock);
}

#[test]
fn a_mistake_with_recovery_keeps_the_verdicts() {
    let app = app("lexer", &format!("mod post;\n\n{USER}"));
    let post = USER.replace("User", "Post");
    app.write("src/post.rs", &post);
    app.seal("init");
    app.write("src/post.rs", &format!("{post}\npub const HOME: &str = \"C:\\home\";\n"));
    let built = app
        .check()
        .fails()
        .says("warning: app@0.1.0: src/post.rs:11:24: kontract[K0309]: the file is not valid Rust")
        .says("error: unknown character escape: `h`");
    assert_eq!(built.errors(), 1, "{}", built.text);
}

#[test]
fn cfg_on_fields_follows_cargo() {
    let main = USER.replace("    pub age", "    #[cfg(feature = \"extra\")]\n    pub nick: Option<String>,\n    #[cfg(any(windows, not(windows)))]\n    pub age");
    let app = app("cfg", &main);
    app.seal("init");
    let fields = |app: &App| -> Vec<String> {
        let lock = app.lock_json();
        lock["tables"]["users"]["schema"].as_object().expect("fields").keys().cloned().collect()
    };
    assert_eq!(fields(&app), ["age", "id", "name"]);
    app.cargo(&["check", "--features", "extra"], &[]).passes();
    assert_eq!(app.changes("draft"), ["users.nick:added"]);
    app.edit("src/main.rs", "feature = \"extra\"", "mine");
    app.check()
        .fails()
        .says("error: app@0.1.0: src/main.rs:8:11: kontract[K0109]: cannot decide the condition `mine` of `User`");
}

#[test]
fn a_library_and_programs_share_one_lock() {
    let app = app("targets", USER);
    app.write("src/lib.rs", "pub mod models;\n\nkontract::storage!();\n\npub use models::User;\n");
    app.write("src/models.rs", USER);
    app.write("src/main.rs", &format!("mod models {{\n    {}\n}}\n\nkontract::storage!();\n\nfn main() {{\n    fn shown<T: std::fmt::Debug>() {{}}\n    shown::<app::Storage>();\n    let _ = app::Storage::connect;\n    let _ = Storage::connect;\n}}\n", USER.replace("User", "Job").replace('\n', "\n    ")));
    app.write("src/bin/tool.rs", "#[path = \"../models.rs\"]\nmod models;\n\nkontract::storage!();\n\nfn main() {\n    fn users(storage: Storage) -> kontract::Table<models::User> {\n        storage.users\n    }\n    let _ = users;\n}\n");
    app.cargo(&["check", "--all-targets"], &[]).passes();
    assert_eq!(app.changes("draft"), ["jobs:added", "users:added"]);
}

#[test]
fn concurrent_build_scripts_leave_a_complete_lock_file() {
    let app = app("at_once", USER);
    app.check().passes();
    fs::remove_file(app.dir().join("kontract.lock.json")).expect("the lock");
    let script = app.build_script();
    let start = |i: usize| {
        let out = app.out_dir().with_file_name(format!("out-{i}"));
        fs::create_dir_all(&out).expect("a directory");
        Command::new(&script)
            .env_remove("CI")
            .env("CARGO_MANIFEST_DIR", app.dir())
            .env("CARGO_PKG_NAME", "app")
            .env("OUT_DIR", &out)
            // One build script seals, and the others do not undo it.
            .env("KONTRACT_SEAL", if i == 7 { "init" } else { "" })
            .env("KONTRACT_LOCKED", "0")
            .stdout(Stdio::piped())
            .spawn()
            .expect("the build script")
    };
    let running: Vec<_> = (0..12).map(start).collect();
    for child in running {
        let output = child.wait_with_output().expect("the build script");
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && !text.contains("cargo::error"), "{text}");
    }
    let lock = app.lock_json();
    assert_eq!(
        (&lock["version"], lock["draft"].is_null()),
        (&serde_json::json!(1), true),
        "{lock}"
    );
    assert!(!app.dir().join(".kontract.lock.json.tmp").exists());
    let built = app.check().passes();
    assert!(built.text.contains("Finished"), "{}", built.text);
}

#[test]
fn a_running_program_follows_its_structs() {
    let app = app("running", "");
    let main = |fields: &str| {
        format!(
            "use kontract::prelude::*;

#[derive(Debug, Table)]
#[table(layout = \"columns\")]
pub struct User {{
    #[primkey]
    pub id: String,
{fields}}}

kontract::storage!();

#[tokio::main]
async fn main() -> kontract::Result<()> {{
    let storage = Storage::connect(\"sqlite:app.db\").await?;
    if storage.users.count().await? == 0 {{
        storage.users.insert(NewUser::new(\"Al\").id(\"1\")).await?;
    }}
    println!(\"{{:?}}\", storage.users.get(\"1\").await?);
    Ok(())
}}
"
        )
    };
    let run = || app.cargo(&["run", "--quiet"], &[]);
    app.write("src/main.rs", &main("    pub name: String,\n"));
    run().passes().says("Some(User { id: \"1\", name: \"Al\" })");
    // The database recognises the applied draft as version 1.
    app.seal("init");
    app.write(
        "src/main.rs",
        &main("    pub name: String,\n    #[default(0)]\n    pub age: i32,\n"),
    );
    run().passes().says("Some(User { id: \"1\", name: \"Al\", age: 0 })");
    // The draft is rolled back, and another one is applied.
    app.write("src/main.rs", &main("    pub name: String,\n    pub nick: Option<String>,\n"));
    run().passes().says("Some(User { id: \"1\", name: \"Al\", nick: None })");
    app.seal("nick");
    // A rename keeps the values.
    app.write("src/main.rs", &main("    #[renamed_from(\"name\")]\n    pub full_name: String,\n    pub nick: Option<String>,\n"));
    run().passes().says("Some(User { id: \"1\", full_name: \"Al\", nick: None })");
    app.seal("full_name");
    run().passes().says("full_name: \"Al\"");
}
