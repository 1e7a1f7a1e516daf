//! The commands that need no database.

use super::{App, USER, run, run_command};
use std::process::Command;

#[test]
fn check_reports_what_the_build_would_refuse() {
    let app = App::new(USER);
    let ran = app.run(&["check"]);
    assert_eq!(ran.is(0).out, "app: 1 table, 1 change: passed, not sealed\n");
    assert_eq!(
        ran.err,
        "note: the next build writes kontract.lock.json, or fails if it must not write\n"
    );
    let ran = app.run(&["check", "--sealed"]);
    assert!(ran.is(1).err.contains("error: some changes are not sealed\n"), "{}", ran.err);
    app.run(&["seal", "init"]).is(0);
    let ran = app.run(&["check", "--sealed"]);
    assert_eq!(ran.is(0).out, "app: 1 table, all sealed at version 1\n");
    assert_eq!(ran.err, "");

    app.edit("    pub email: String,\n", "    pub size: usize,\n");
    app.edit("}\n", "}\n\n#[derive(Table)]\npub struct Post {\n    pub id: String,\n}\n");
    let ran = app.run(&["check"]);
    assert_eq!(ran.is(1).out, "app: 2 problems\n");
    let start = "error[K0006]: `usize` cannot be stored\n --> src/lib.rs:8:15\n  |\n8 |     pub size: usize,\n  |               ^^^^^\n  |\n  = help: ";
    assert!(ran.err.contains(start), "{}", ran.err);
    assert!(ran.err.contains("error[K0003]: "), "{}", ran.err);
    assert!(
        ran.err.contains(
            "\n  --> src/lib.rs:12:12\n   |\n12 | pub struct Post {\n   |            ^^^^\n"
        ),
        "{}",
        ran.err
    );
    // The changes of a source with errors are not judged.
    assert!(!ran.err.contains("K0203"), "{}", ran.err);
}

#[test]
fn diff_lists_changes_with_their_verdicts() {
    let app = App::new(USER);
    app.run(&["seal", "init"]).is(0);
    let ran = app.run(&["diff", "--exit-code"]);
    assert_eq!(
        (ran.is(0).out.as_str(), ran.err.as_str()),
        ("app: no changes since version 1\n", "")
    );
    app.edit("    pub email: String,\n", "    pub age: Option<f64>,\n");
    let ran = app.run(&["diff"]);
    assert_eq!(
        ran.is(0).out,
        "app: 2 changes since version 1\n\
         \x20 users.age:added      C1   passes, safe\n\
         \x20     field `age` of table `users` is new\n\
         \x20 users.email:removed  C14  refused, loss\n\
         \x20     field `email` of table `users` was removed\n\
         \x20     note: present in kontract.lock.json, version 1, as `string`\n"
    );
    app.run(&["diff", "--exit-code"]).is(1);
    let json = app.run(&["diff", "--json"]).is(0).json();
    assert_eq!(json["version"], 1);
    assert_eq!(json["changes"][1]["change"], "users.email:removed");
    assert_eq!(json["changes"][1]["fate"], "refused");
    assert_eq!(json["changes"][1]["flags"], serde_json::json!(["B", "b"]));
    assert_eq!(json["problems"][0]["code"], "K0203");
    assert_eq!(json["problems"][0]["place"], "src/lib.rs:4:12");
}

#[test]
fn plan_shows_the_statements() {
    let app = App::new(&USER.replace(
        "#[derive(Serialize, Deserialize, Table)]",
        "#[derive(Table)]\n#[table(layout = \"columns\")]",
    ));
    app.run(&["seal", "init"]).is(0);
    assert_eq!(app.run(&["plan"]).is(0).out, "-- app: no changes since version 1\n");
    app.edit("}\n", "    pub age: Option<i64>,\n}\n");
    let hash = app.run(&["plan", "--json"]).is(0).json()["plan"].clone();
    let hash = hash.as_str().expect("a hash");
    let ran = app.run(&["plan"]);
    assert_eq!(
        ran.is(0).out,
        format!(
            "-- app, migration 2, plan {hash}\n\n\
             -- up postgres\nALTER TABLE users ADD COLUMN age BIGINT;\n\n\
             -- down postgres\nALTER TABLE users DROP COLUMN age;\n\n\
             -- up sqlite\nALTER TABLE users ADD COLUMN age INTEGER;\n\n\
             -- down sqlite\nALTER TABLE users DROP COLUMN age;\n"
        )
    );
    let ran = app.run(&["plan", "--dialect", "sqlite", "--json"]);
    assert_eq!(
        ran.is(0).json(),
        serde_json::json!({"package": "app", "version": 2, "plan": hash, "loses": [],
            "problems": [], "warnings": [], "sql": {"sqlite": {
            "up": ["ALTER TABLE users ADD COLUMN age INTEGER"],
            "down": ["ALTER TABLE users DROP COLUMN age"], "rebuild": false,
        }}})
    );
    app.edit("    pub email: String,\n", "");
    let ran = app.run(&["plan"]);
    assert_eq!(ran.is(1).out, "");
    assert!(ran.err.starts_with("error[K0203]: "), "{}", ran.err);
}

#[test]
fn create_writes_a_manual_migration_then_seals_it() {
    let app = App::new(USER);
    let ran = app.run(&["migrate", "create", "init"]);
    assert_eq!(
        ran.is(0).out,
        "app: sealed migration 1 `init`\n  users:added\ncommit kontract.lock.json\n"
    );
    assert_eq!(
        app.run(&["migrate", "create", "more"]).is(0).out,
        "app: no changes, nothing to seal\n"
    );

    app.edit("    pub email: String,\n", "    pub age: i64,\n");
    let ran = app.run(&["migrate", "create", "age_for_email"]);
    assert_eq!(
        ran.is(1).out,
        "wrote migrations/0002_age_for_email.sql for these changes:\n  \
         field `age` of table `users` is new and required, and existing rows have no value for it\n      \
         declare a value for them: `#[default(0)]`, or in SQL `#[backfill = \"…\"]`; or make the field an `Option`\n  \
         field `email` of table `users` was removed\n      \
         restore the field, or drop it in a migration\n\n\
         if one of these remedies is right, apply it and delete the file; otherwise\n\
         replace each `<value for …>` by an expression,\n\
         then run this command again to seal the migration\n\n\
         the migration loses data, and you have to accept that: for a removed field by\n\
         `#[removed(\"…\")]` on its struct, otherwise by `--accept HASH` (`kontract plan` shows\n\
         the hash)\n"
    );
    assert!(app.run(&["diff"]).is(0).out.contains("users.email:removed  C14  refused, loss\n"));
    // A migration with placeholders is not sealed.
    let ran = app.run(&["migrate", "create", "age_for_email"]);
    assert!(ran.is(1).err.contains("has a placeholder"), "{}", ran.err);
    let text = app.read("migrations/0002_age_for_email.sql");
    let place = "<value for age as bigint>";
    assert!(text.contains(place), "{text}");
    app.write("migrations/0002_age_for_email.sql", &text.replace(place, "18"));
    assert!(app.run(&["diff"]).is(0).out.contains("users.email:removed  C14  covered, loss\n"));
    // The data loss is accepted separately, for exactly this plan.
    let ran = app.run(&["migrate", "create", "age_for_email"]);
    assert!(ran.is(1).err.starts_with("error[K0407]: migration `0002_age_for_email.sql` loses data, and its plan is not accepted\n"), "{}", ran.err);
    let json = app.run(&["plan", "--json"]).is(1).json();
    let hash = json["plan"].as_str().expect("a hash");
    assert_eq!(json["loses"], serde_json::json!(["field `email` of table `users` was removed"]));
    let ran = app.run(&["plan"]);
    assert!(ran.is(1).out.starts_with(&format!("-- app, migration 2, plan {hash}\n-- loses data: field `email` of table `users` was removed\n\n-- up postgres\n")), "{}", ran.out);
    assert!(ran.err.contains(&format!("`kontract seal --accept {hash}`")), "{}", ran.err);
    let ran = app.run(&["seal", "--accept", "0123456789abcdef"]);
    assert!(
        ran.is(3)
            .err
            .contains(&format!("error[K0407]: the plan has the hash {hash}, not 0123456789abcdef")),
        "{}",
        ran.err
    );
    let ran = app.run(&["seal", "other", "--accept", hash]);
    let expected = "the next migration is `0002_age_for_email.sql`, not `other`";
    assert!(ran.is(3).err.contains(expected), "{}", ran.err);
    let json = app.run(&["seal", "--json", "--accept", hash]).is(0).json();
    assert_eq!(json["result"], "sealed");
    assert_eq!(json["migration"]["name"], "age_for_email");
    let text = app.read("migrations/0002_age_for_email.sql");
    assert!(text.contains(&format!("\n-- kontract: accept {hash}\n")), "{text}");
    app.run(&["check", "--sealed"]).is(0);
    let lock = app.read("kontract.lock.json");
    assert!(lock.contains("\"version\": 2") && lock.contains("0002_age_for_email.sql"), "{lock}");
}

#[test]
fn statements_of_a_manual_migration_are_judged() {
    let app = App::new(&USER.replace(
        "#[derive(Serialize, Deserialize, Table)]",
        "#[derive(Table)]\n#[table(layout = \"columns\")]",
    ));
    app.run(&["seal", "init"]).is(0);
    let file = "migrations/0002_by_hand.sql";
    let text = "-- kontract: data\n-- up postgres\nCREATE INDEX by_hand ON users (name);\n-- up sqlite\nCREATE INDEX by_hand ON users (name);\n";
    app.write(file, text);
    let expected = "warning[K0408]: migration `0002_by_hand.sql`: `CREATE INDEX by_hand ON users …`: an index is new (I1)\n";
    for command in [&["check"][..], &["plan"]] {
        let ran = app.run(command);
        assert!(ran.is(0).err.contains(expected), "{}", ran.err);
    }
    let ran = app.run(&["seal"]);
    assert!(ran.is(0).err.contains(expected), "{}", ran.err);
    assert!(ran.err.contains("`-- kontract: allow(I1) why`"), "{}", ran.err);

    // `allow` accepts the statement, with a reason.
    app.write(
        "migrations/0003_more.sql",
        &text.replace("by_hand", "more").replace("data\n", "data\n-- kontract: allow(I1)\n"),
    );
    let ran = app.run(&["check"]);
    assert!(ran.is(1).err.contains("line 2: `allow(I1)` has no reason"), "{}", ran.err);
    app.write(
        "migrations/0003_more.sql",
        &text
            .replace("by_hand", "more")
            .replace("data\n", "data\n-- kontract: allow(I1) runs at night\n"),
    );
    let ran = app.run(&["seal"]);
    assert_eq!(ran.is(0).err, "");

    // `migrate create` reports the warnings of kontract.toml, too.
    app.edit("    pub name: String,\n", "    pub name: Option<String>,\n");
    let ran = app.run(&["migrate", "create", "names_may_be_missing"]);
    assert!(ran.is(0).err.contains("became optional (N1)"), "{}", ran.err);
}

#[test]
fn seal_writes_nothing_if_a_change_is_refused() {
    let app = App::new(USER);
    assert!(app.run(&["seal"]).is(3).err.contains("a migration needs a name"));
    let ran = app.run(&["seal", "Add-Posts"]);
    assert!(
        ran.is(3).err.contains("`Add-Posts` is not a valid name for a migration"),
        "{}",
        ran.err
    );
    let ran = run(app.dir(), &["seal", "init"], &[("CI", "true")]);
    assert!(ran.is(3).err.contains("is not written because CI is set"), "{}", ran.err);
    assert!(!app.dir().join("kontract.lock.json").exists());
    app.run(&["seal", "init"]).is(0);
    let lock = app.read("kontract.lock.json");
    app.edit("    pub email: String,\n", "");
    let json = app.run(&["seal", "less", "--json"]).is(1).json();
    assert_eq!(
        (&json["result"], &json["problems"][0]["code"]),
        (&"refused".into(), &"K0203".into())
    );
    let ran = run(app.dir(), &["migrate", "create", "less"], &[("KONTRACT_LOCKED", "1")]);
    assert!(ran.is(3).err.contains("is not written because KONTRACT_LOCKED is set"), "{}", ran.err);
    assert_eq!(app.read("kontract.lock.json"), lock);
    assert!(!app.dir().join("migrations").exists());
}

#[test]
fn a_damaged_lock_file_is_not_touched() {
    let app = App::new(USER);
    app.run(&["seal", "init"]).is(0);
    let damaged = app.read("kontract.lock.json").replace("string", "number");
    app.write("kontract.lock.json", &damaged);
    for command in [&["check"][..], &["diff"], &["plan"], &["seal", "x"], &["sql"]] {
        let ran = app.run(command);
        assert!(ran.is(3).err.starts_with("error[K0304]: table `users`"), "{}", ran.err);
        let json = app.run(&[command, &["--json"]].concat()).is(3).json();
        assert_eq!(json["error"]["code"], "K0304");
    }
    assert_eq!(app.read("kontract.lock.json"), damaged);
}

#[test]
fn explain_shows_codes_rules_and_changes() {
    let app = App::new(USER);
    let ran = app.run(&["explain", "C14"]);
    assert!(ran.is(0).out.starts_with("C14: a field was removed\n\nIts values"), "{}", ran.out);
    assert!(ran.out.contains("\nPostgreSQL  DROP COLUMN"), "{}", ran.out);
    assert!(app.run(&["explain", "k0203"]).is(0).out.starts_with("K0203: a field was removed\n"));
    let ran = app.run(&["explain", "X1"]);
    assert!(ran.is(3).err.contains("`X1` is not a code, a rule or a change"), "{}", ran.err);
    let ran = app.run(&["explain", "field_no_dorp"]);
    assert!(
        ran.is(3).err.contains("did you mean `C14` (`field_no_drop`), a field was removed?"),
        "{}",
        ran.err
    );
    let all = app.run(&["explain"]);
    assert!(all.is(0).out.contains("\n  K0203  a field was removed\n"));
    assert!(all.out.contains("\n  N2     a field became required\n"), "{}", all.out);

    let ran = app.run(&["explain", "users:added"]);
    assert!(ran.is(0).out.starts_with("users:added: passes, safe\n"), "{}", ran.out);
    assert!(ran.out.contains("\n-- sqlite\nCREATE TABLE IF NOT EXISTS tbl_users_"), "{}", ran.out);
    app.run(&["seal", "init"]).is(0);
    let ran = app.run(&["explain", "users:added"]);
    assert!(ran.is(0).out.starts_with("users:added: made by migration 1 `init`\n\nT1: "));
    assert!(
        app.run(&["explain", "users:removed"])
            .is(3)
            .err
            .contains("no change has the id `users:removed`")
    );
    let ran = app.run(&["explain", "users:added", "--json"]);
    assert_eq!(ran.is(0).json()["rule"]["rule"], "T1");
}

#[test]
fn flatbuffers() {
    let app = App::new(USER);
    let ran = app.run(&["flatbuffers"]);
    assert_eq!(ran.is(0).out, "// Version 0 of kontract.lock.json\nnamespace app;\n");
    assert!(ran.err.starts_with("note: the source has unsealed changes"), "{}", ran.err);
    app.run(&["seal", "init"]).is(0);
    app.remove_email();
    app.run(&["migrate", "create", "less"]).is(1);
    app.run(&["seal"]).is(0);
    app.edit("    pub name: String,\n", "    pub tags: Vec<String>,\n    pub name: String,\n");
    app.run(&["seal", "tags"]).is(0);
    let ran = app.run(&["flatbuffers"]);
    assert_eq!(
        ran.is(0).out,
        "// Version 3 of kontract.lock.json\nnamespace app;\n\ntable Users {\n  id:string (id: 0);\n  \
         name:string (id: 1);\n  email:string (id: 2, deprecated);\n  tags:[string] (id: 3);\n}\n"
    );
    assert!(ran.err.is_empty(), "{}", ran.err);
    assert_eq!(app.run(&["flatbuffers", "--out", "app.fbs"]).is(0).out, "wrote app.fbs\n");
    assert_eq!(app.read("app.fbs"), ran.out);
    assert_eq!(app.run(&["flatbuffers", "--json"]).is(0).json()["schema"], ran.out);
    let ran = app.run(&["flatbuffers", "--out", "none/app.fbs"]);
    assert!(ran.is(3).err.contains("none/app.fbs cannot be written"), "{}", ran.err);
}

#[test]
fn cfgs_and_paths_are_those_of_the_build() {
    let fields = "\
    #[cfg(feature = \"mail\")]\n    pub by_default: Option<String>,\n\
    #[cfg(feature = \"extra\")]\n    pub on_demand: Option<String>,\n\
    #[cfg(windows)]\n    pub elsewhere: Option<String>,\n}\n";
    let app = App::new(&USER.replace("}\n", fields));
    let names = |arguments: &[&str]| {
        let ran = app.run(&[&["plan", "--json"], arguments].concat());
        let text = ran.is(0).json()["sql"].to_string();
        ["by_default", "on_demand", "elsewhere"].map(|name| text.contains(name))
    };
    app.edit("Serialize, Deserialize, Table)]", "Table)]\n#[table(layout = \"columns\")]");
    assert_eq!(names(&[]), [true, false, false]);
    assert_eq!(names(&["-F", "extra"]), [true, true, false]);
    assert_eq!(names(&["--no-default-features"]), [false, false, false]);
    assert_eq!(names(&["--target", "x86_64-pc-windows-msvc"]), [true, false, true]);

    let config = "[build]\ntarget = \"x86_64-pc-windows-msvc\"\n";
    app.write(".cargo/config.toml", config);
    assert_eq!(names(&[]), [true, false, true]);
    assert_eq!(names(&["--target", "x86_64-unknown-linux-gnu"]), [true, false, false]);
    app.write(".cargo/config.toml", "");

    let script = "fn main() {\n    kontract_build::Builder::new().lock(\"db/lock.json\").migrations(\"db/sql\").compile();\n}\n";
    app.write("build.rs", script);
    assert!(app.run(&["seal", "init"]).is(0).out.ends_with("commit db/lock.json\n"));
    app.remove_email();
    app.run(&["migrate", "create", "less"]).is(1);
    assert!(
        app.run(&["seal"]).is(0).out.ends_with("commit db/lock.json and db/sql/0002_less.sql\n")
    );
    app.write("build.rs", &script.replace("\"db/lock.json\"", "lock()"));
    assert!(app.run(&["check"]).is(3).err.contains("a path in it is not a literal"));
}

#[test]
fn the_arguments_name_the_package() {
    let app = App::new(USER);
    app.write("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"a\", \"b\", \"plain\"]\n");
    for (name, more) in [
        ("a", "[build-dependencies]\nkontract-build = \"0.1\"\n"),
        ("b", "[build-dependencies]\nkontract-build = \"0.1\"\n"),
        ("plain", ""),
    ] {
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n{more}"
        );
        app.write(&format!("{name}/Cargo.toml"), &manifest);
        app.write(&format!("{name}/src/lib.rs"), USER);
    }
    let ran = app.run(&["check"]);
    assert!(ran.is(3).err.contains("name one with `--package NAME`: `a`, `b`"), "{}", ran.err);
    assert!(app.run(&["-p", "b", "check"]).is(0).out.starts_with("b: "));
    assert!(app.run(&["-C", "a/src", "check"]).is(0).out.starts_with("a: "));
    assert!(app.run(&["--manifest-path", "b/Cargo.toml", "check"]).is(0).out.starts_with("b: "));
    let ran = app.run(&["-C", "plain", "check"]);
    assert!(ran.is(3).err.contains("the package `plain` does not use Kontract"), "{}", ran.err);
    let ran = app.run(&["-p", "c", "check"]);
    assert!(
        ran.is(3).err.contains("no package `c`\n |\n = note: it has `a`, `b`, `plain`"),
        "{}",
        ran.err
    );
    let nowhere = tempfile::tempdir().expect("a directory");
    assert!(run(nowhere.path(), &["check"], &[]).is(3).err.contains("no Cargo.toml in"));
}

#[test]
fn arguments_and_colours() {
    let app = App::new(USER);
    app.run(&[]).is(2);
    app.run(&["chekc"]).is(2);
    app.run(&["plan", "--dialect", "oracle"]).is(2);
    let help = app.run(&["--help"]).is(0).out.clone();
    assert!(
        help.contains("Exit status:") && help.contains("kontract migrate create NAME"),
        "{help}"
    );
    assert!(app.run(&["migrate", "create", "--help"]).is(0).out.contains("Examples:"));
    app.run(&["seal", "init"]).is(0);
    app.edit("    pub email: String,\n", "");
    let plain = app.run(&["check"]);
    assert!(!plain.err.contains('\x1b') && !plain.out.contains('\x1b'));
    assert!(app.run(&["check", "--color", "always"]).err.contains('\x1b'));

    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-kontract"));
    let ran =
        run_command(command.args(["kontract", "diff"]).current_dir(app.dir()).env_remove("CI"));
    assert!(ran.is(0).out.starts_with("app: 1 change since version 1\n"), "{}", ran.out);
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-kontract"));
    let ran = run_command(command.args(["kontract", "seal", "--help"]));
    assert!(ran.is(0).out.contains("Usage: cargo kontract seal [OPTIONS] [NAME]"), "{}", ran.out);
}

#[test]
fn the_examples_are_sealed() {
    let workspace = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("above");
    for name in ["quickstart", "chat"] {
        let ran = run(workspace, &["-p", name, "check", "--sealed"], &[]);
        assert!(ran.is(0).out.contains("all sealed at version"), "{}", ran.out);
        assert_eq!(ran.err, "");
    }
}

#[test]
fn changes_that_pass_with_a_warning() {
    let app = App::new(USER);
    app.run(&["seal", "init"]).is(0);
    app.edit("    pub email: String,\n", "    pub email: Option<String>,\n");
    let ran = app.run(&["diff"]);
    assert!(
        ran.is(0).out.contains("users.email:optional  N1   passes with a warning, "),
        "{}",
        ran.out
    );
    let json = app.run(&["diff", "--json"]).is(0).json();
    assert_eq!(
        (json["changes"][0]["level"].as_str(), json["changes"][0]["fate"].as_str()),
        (Some("warn"), Some("passes"))
    );
    for command in ["check", "plan"] {
        let ran = app.run(&[command]);
        assert!(ran.is(0).err.starts_with("warning[K0"), "{}", ran.err);
        assert!(ran.err.contains("(N1)\n --> src/lib.rs:8:"), "{}", ran.err);
        let json = app.run(&[command, "--json"]).is(0).json();
        assert!(json["warnings"][0]["message"].as_str().unwrap().ends_with("(N1)"), "{json}");
        assert_eq!(json["problems"], serde_json::json!([]));
    }
    app.write("kontract.toml", "[rules]\nN1 = \"allow\"\n");
    let ran = app.run(&["diff"]);
    assert!(ran.is(0).out.contains("N1   passes, "), "{}", ran.out);
    assert!(!app.run(&["check"]).is(0).err.contains("warning"));
    app.write("kontract.toml", "[rules]\nN1 = \"deny\"\n");
    assert!(app.run(&["diff"]).is(0).out.contains("N1   refused, "));
    assert!(app.run(&["check"]).is(1).err.starts_with("error[K02"));

    // A hint without a change that needs it.
    app.write("kontract.toml", "");
    app.edit(
        "    pub email: Option<String>,\n",
        "    #[backfill = \"'a'\"]\n    pub email: String,\n",
    );
    for command in ["check", "diff"] {
        let ran = app.run(&[command]);
        assert!(ran.is(0).err.starts_with("warning[K0215]: "), "{}", ran.err);
    }
}
