//! `kontract init`, and the program that it leads to.

use std::path::Path;

use super::{App, Ran, run, run_command};

/// A package as `cargo new` makes it.
fn fresh() -> App {
    let app = App(super::temporary_directory());
    app.write(
        "Cargo.toml",
        "[package]\nname = \"fresh\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
         # A comment.\n[dependencies]\nserde = \"1.0.200\" # kept\n\n[profile.dev]\ndebug = false\n",
    );
    app.write("src/main.rs", "fn main() {\n    println!(\"Hello, world!\");\n}\n");
    app
}

#[test]
fn init_adds_only_what_is_missing() {
    let app = fresh();
    let ran = app.run(&["init"]);
    let start = "fresh: added Kontract\n  Cargo.toml: [dependencies] kontract\n  \
                 Cargo.toml: [dependencies] tokio\n  Cargo.toml: [build-dependencies] kontract-build\n  \
                 build.rs: kontract_build::compile()\n\nnext, write a first table, for example in src/main.rs:\n";
    assert!(ran.is(0).out.starts_with(start), "{}", ran.out);
    let manifest = app.read("Cargo.toml");
    assert!(
        manifest.contains(
            "# A comment.\n[dependencies]\nserde = \"1.0.200\" # kept\nkontract = \"0.1\"\n"
        ),
        "{manifest}"
    );
    assert!(manifest.contains("[build-dependencies]\nkontract-build = \"0.1\"\n"), "{manifest}");
    assert_eq!(app.read("build.rs"), "fn main() {\n    kontract_build::compile();\n}\n");
    let ran = app.run(&["init"]);
    assert!(ran.is(0).out.starts_with("fresh: already uses Kontract\n"), "{}", ran.out);
    assert_eq!(app.read("Cargo.toml"), manifest);
    app.write("src/main.rs", "kontract::storage!();\nfn main() {}\n");
    assert_eq!(app.run(&["init"]).is(0).out, "fresh: already uses Kontract\n");
    assert_eq!(app.run(&["init", "--json"]).is(0).json()["done"], serde_json::json!([]));
}

#[test]
fn an_existing_build_script_is_not_changed() {
    let app = fresh();
    app.write("build.rs", "fn main() {\n    println!(\"cargo::rerun-if-changed=x\");\n}\n");
    let manifest = app.read("Cargo.toml");
    let ran = app.run(&["init"]);
    assert!(
        ran.is(3).err.contains("add `kontract_build::compile();` to its `main`"),
        "{}",
        ran.err
    );
    assert_eq!(app.read("Cargo.toml"), manifest);
    app.write("build.rs", "fn main() {\n    kontract_build::compile();\n}\n");
    app.write("Cargo.toml", &manifest.replace("[package]\n", "[package]\nbuild = false\n"));
    std::fs::remove_file(app.dir().join("build.rs")).expect("it is there");
    let ran = app.run(&["init"]);
    assert!(ran.is(3).err.contains("Cargo.toml has `build = false`"), "{}", ran.err);
    app.write("Cargo.toml", &manifest);
    app.run(&["init"]).is(0);
    let ran = app.run(&["init", "--path", "src"]);
    assert!(ran.is(3).err.contains("src is not a checkout of Kontract"), "{}", ran.err);
}

/// The steps of README: `init`, the table that it prints, a program that runs. The build and the
/// command then agree about the changes.
#[test]
fn leads_to_a_program_that_runs() {
    let app = fresh();
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let checkout = workspace.to_str().expect("a plain path");
    let shown = app.run(&["init", "--path", checkout]).is(0).out.clone();
    app.write(
        "Cargo.toml",
        &app.read("Cargo.toml")
            .replace("\"1.0.200\"", "{ version = \"1\", features = [\"derive\"] }"),
    );
    let program = shown.split("use kontract").nth(1).expect("a program");
    let program = program.split("\nthen run `cargo build`").next().expect("the end of the program");
    app.write("src/main.rs", &format!("use kontract{program}"));
    std::fs::copy(workspace.join("Cargo.lock"), app.dir().join("Cargo.lock")).expect("Cargo.lock");

    assert_eq!(cargo_run(&app).is(0).out, "1 users\n");
    // The draft that the build wrote is the one that the command would write.
    let json = app.run(&["check", "--json"]).is(0).json();
    assert_eq!((&json["stale"], &json["sealed"]), (&false.into(), &false.into()));
    let json = app.run(&["migrate", "create", "init", "--json"]).is(0).json();
    assert_eq!(json["migration"]["changes"], serde_json::json!(["users:added"]));
    // Cargo notices, although the file was written a moment after the build.
    assert_eq!(cargo_run(&app).is(0).out, "1 users\n");
    app.run(&["check", "--sealed"]).is(0);
    let registry = "a registry of version 1";
    let main = app.read("src/main.rs").replace("println!(", "assert_eq!(<StorageRegistry as kontract::__private::HasRegistry>::REGISTRY.version, 1);\n    println!(");
    app.write("src/main.rs", &main);
    assert_eq!(cargo_run(&app).is(0).out, "1 users\n", "{registry}");
}

fn cargo_run(app: &App) -> Ran {
    let files = env!("CARGO_TARGET_TMPDIR");
    let mut command = kontract_e2e::cargo_command(files, &["run", "--quiet"]);
    run_command(command.current_dir(app.dir()))
}

#[test]
fn init_fails_outside_of_a_package() {
    let dir = super::temporary_directory();
    assert!(run(dir.path(), &["init"], &[]).is(3).err.contains("no Cargo.toml in"));
}
