//! Sources, packages and checkouts in unusual places.

use std::fs;
use std::path::Path;

use kontract_e2e::{App, USER};

fn app(case: &str, main: &str) -> App {
    App::new(case, env!("CARGO_TARGET_TMPDIR"), main)
}

#[test]
fn sources_in_unusual_places() {
    let app = app(
        "places",
        "#[path = \"../shared/user.rs\"]\npub mod user;\ninclude!(\"more.rs\");\ninclude!(concat!(env!(\"OUT_DIR\"), \"/made.rs\"));\n",
    );
    let job = USER.replace("User", "Job").replace("pub struct", "#[allow(dead_code)]\npub struct");
    app.write("shared/user.rs", USER);
    app.write(
        "src/more.rs",
        &job.replace("Job", "More").replace("use kontract", "pub use kontract"),
    );
    app.write("made.rs", &job.replace("Job", "Made").replace("use kontract::prelude::*;\n", ""));
    app.write(
        "build.rs",
        "fn main() {\n    let out = std::env::var(\"OUT_DIR\").unwrap();\n    \
         std::fs::copy(\"made.rs\", format!(\"{out}/made.rs\")).unwrap();\n    kontract_build::compile();\n}\n",
    );
    // The scan does not find these structs, and their derives report it. The lock file is not written.
    let built = app
        .check()
        .fails()
        .says("error: kontract[K0022]: the build script did not see `More`")
        .says(" --> src/more.rs:5:")
        .says("error: kontract[K0022]: the build script did not see `Made`");
    assert_eq!(built.errors(), 2, "{}", built.text);
    let included = app.read("src/main.rs");
    let (user, _) = included.split_once("include!").expect("an include");
    app.write("src/main.rs", &format!("{user}kontract::storage!();\nfn main() {{}}\n"));
    app.check().passes();
    assert_eq!(app.changes("draft"), ["users:added"]);

    // A file that only an attribute names.
    app.write("src/bin/tool.rs", &format!("{job}\nkontract::storage!();\nfn main() {{}}\n"));
    app.check().passes();
    assert_eq!(app.changes("draft"), ["jobs:added", "users:added"]);
    // Tests, examples and benchmarks have no tables in the lock file.
    for file in ["tests/a.rs", "examples/b.rs", "benches/c.rs"] {
        app.write(file, &format!("{}\nfn main() {{}}\n", job.replace("Job", "Test")));
    }
    app.edit("src/bin/tool.rs", "pub age: f64", "pub age: f32");
    app.check().passes();
    assert_eq!(app.changes("draft"), ["jobs:added", "users:added"]);
    app.cargo(&["check", "--example", "b"], &[]).fails().says("K0022");
}

#[test]
fn a_checkout_with_other_line_endings() {
    let main = USER
        .replace(
            "    pub name",
            "    /// A name,\n    /// in two lines.\n    /** And\n        more. */\n    \
             #[default(\"two\nlines\")]\n    #[check(\"length(name)\n    < 99\")]\n    pub name",
        )
        .replace("pub struct", "/// The users.\n#[table(layout = \"columns\")]\npub struct");
    let app = app("line_ends", &main);
    app.seal("init");
    app.edit("src/main.rs", "    pub age: f64,\n", "");
    app.edit("src/main.rs", "pub struct", "#[removed(\"age\")]\npub struct");
    let (file, text) = app.check().fails().pasted();
    app.write(&file, &format!("{text}UPDATE users SET name = 'two\nlines';\n"));
    app.seal("ignored");
    assert!(app.lock().contains("two\\nlines"), "{}", app.lock());

    let mut expected = Vec::new();
    for name in ["src/main.rs", "build.rs", "Cargo.toml", "kontract.lock.json", &file] {
        let mark = if name.ends_with("rs") || name.ends_with("sql") { "\u{feff}" } else { "" };
        expected.push((name, format!("{mark}{}", app.read(name).replace('\n', "\r\n"))));
        app.write(name, &expected.last().expect("this one").1);
    }
    for env in [&[("CI", "true")][..], &[]] {
        app.cargo(&["check"], env).passes().is_silent_about("kontract[");
    }
    for (name, text) in &expected {
        assert_eq!(app.read(name), *text, "{name}");
    }
    // The next change is written with LF line endings.
    app.edit("src/main.rs", "    pub id", "    pub nick: Option<String>,\r\n    pub id");
    app.edit("src/main.rs", "    #[primkey]\r\n", "");
    app.edit("src/main.rs", "    pub id", "    #[primkey]\r\n    pub id");
    app.check().passes();
    assert_eq!(app.changes("draft"), ["users.nick:added"]);
    assert!(!app.lock().contains('\r'));
}

/// An application with a dependency that has tables of its own.
fn with_library(case: &str, own: &str, of_library: &str) -> App {
    let app = app(case, "");
    let manifest = app.read("Cargo.toml");
    let library = manifest
        .replacen("name = \"app\"", "name = \"models\"", 1)
        .replacen("[workspace]\n", "", 1)
        .replacen("[profile.dev]\ndebug = false\n", "", 1);
    app.write("models/Cargo.toml", &library);
    app.write("models/build.rs", &app.read("build.rs"));
    app.write("models/src/lib.rs", &format!("{of_library}\nkontract::storage!();\n"));
    app.edit("Cargo.toml", "[dependencies]\n", "[dependencies]\nmodels = { path = \"models\" }\n");
    app.write(
        "src/main.rs",
        &format!(
            "{own}\nkontract::storage!();\n\n#[tokio::main]\nasync fn main() -> kontract::Result<()> {{
    let theirs = models::Storage::connect(\"sqlite:app.db\").await?;
    let ours = Storage::connect(\"sqlite:app.db\").await?;
    println!(\"{{}} and {{}} notes\", theirs.notes.count().await?, ours.notes.count().await?);
    Ok(())
}}\n"
        ),
    );
    app
}

#[test]
fn a_dependency_with_tables_of_its_own() {
    let note = |field: &str| USER.replace("User", "Note").replace("name", field);
    let app = with_library("library", &note("title"), &note("text"));
    app.cargo(&["run", "--quiet"], &[]).passes().says("0 and 0 notes");
    assert!(app.read("models/kontract.lock.json").contains("notes_text_required"));
    assert!(app.lock().contains("notes_title_required"));

    // In the layout `columns`, both packages have a table with the same name.
    let columns = |field: &str| {
        note(field).replace("pub struct", "#[table(layout = \"columns\")]\npub struct")
    };
    for file in ["app.db", "kontract.lock.json", "models/kontract.lock.json"] {
        fs::remove_file(app.dir().join(file)).expect(file);
    }
    app.edit("src/main.rs", &note("title"), &columns("title"));
    app.edit("models/src/lib.rs", &note("text"), &columns("text"));
    // The variable seals both packages.
    app.seal("init");
    app.cargo(&["run", "--quiet"], &[])
        .fails()
        .says("kontract[K0463]: table `notes` belongs to the package `models`")
        .says("`#[table(external)]`");
}

#[test]
fn a_package_is_packed_and_verified() {
    let app = app("packed", USER);
    app.edit("Cargo.toml", "kontract = { ", "kontract = { version = \"0.1.0\", ");
    app.edit("Cargo.toml", "kontract-build = { ", "kontract-build = { version = \"0.1.0\", ");
    // Dependencies that crates.io does not have yet.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("tests/e2e");
    let crates = ["", "-build", "-macros", "-runtime", "-schema"];
    let patches: Vec<String> = crates
        .iter()
        .map(|name| {
            let dir = if name.is_empty() {
                root.to_owned()
            } else {
                root.join(format!("kontract{name}"))
            };
            format!("patch.crates-io.kontract{name}.path={dir:?}")
        })
        .collect();
    let mut arguments = vec!["package", "--allow-dirty"];
    patches.iter().for_each(|patch| arguments.extend(["--config", patch]));
    let package = || app.cargo(&arguments, &[]);
    // Cargo refuses build scripts that write into the package. Ours refuses before that.
    package().fails().says(
        "kontract.lock.json is out of date, and is not written because this is a packaged source",
    );
    app.check().passes();
    let lock = app.lock();
    package().passes().says("Verifying app v0.1.0");
    assert_eq!(app.lock(), lock);
}
