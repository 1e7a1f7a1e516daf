//! Runs the command in packages on the disk and on real databases.

use std::fs;
use std::path::Path;
use std::process::Command;

use kontract_test_support::temporary_directory;
use serde_json::Value;
use tempfile::TempDir;

mod adoption;
mod commands;
mod drift;
mod drift_objects;
mod example_learning;
mod histories;
mod init;
mod introspect;
mod lock_format_1;
mod migrate;
mod migration_guide;
mod objects;
mod partitions;
mod random_databases;
mod rebase;
mod reset;
mod rust_migrations;
mod sql;
mod statements;
mod verify;
mod way_in;

const ITEM: &str = "
#[derive(Table)]
#[table(layout = \"columns\")]
pub struct Item {
    #[primkey]
    pub id: i64,
    pub title: String,
}
";

const USER: &str = "\
use kontract::prelude::*;

#[derive(Serialize, Deserialize, Table)]
pub struct User {
    #[primkey]
    pub id: String,
    pub name: String,
    pub email: String,
}
";

/// How a command ended, and what it printed.
#[derive(Debug)]
struct Ran {
    status: i32,
    /// The standard output.
    out: String,
    /// The standard error.
    err: String,
}

impl Ran {
    #[track_caller]
    fn is(&self, status: i32) -> &Ran {
        assert_eq!(self.status, status, "{}\n{}", self.out, self.err);
        self
    }

    /// The standard output as a JSON value.
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }
}

/// A package.
struct App(TempDir);

impl App {
    /// Creates a package that uses Kontract, with this text of `src/lib.rs`.
    fn new(source: &str) -> App {
        let app = App(temporary_directory());
        app.write(
            "Cargo.toml",
            "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
             [features]\ndefault = [\"mail\"]\nmail = []\nextra = []\n\n\
             [build-dependencies]\nkontract-build = \"0.1\"\n",
        );
        app.write("build.rs", "fn main() {\n    kontract_build::compile();\n}\n");
        app.write("src/lib.rs", source);
        app
    }

    fn dir(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.dir().join(file);
        fs::create_dir_all(path.parent().expect("below the package")).expect("a directory");
        fs::write(path, text).expect(file);
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.dir().join(file)).expect(file)
    }

    /// Replaces a piece of `src/lib.rs`. Fails if the file does not contain it.
    fn edit(&self, old: &str, new: &str) {
        let text = self.read("src/lib.rs");
        assert!(text.contains(old), "no `{old}` in\n{text}");
        self.write("src/lib.rs", &text.replacen(old, new, 1));
    }

    /// Removes the field `email` from `User`, with the attribute `removed`.
    fn remove_email(&self) {
        self.edit("    pub email: String,\n", "");
        self.edit("pub struct User", "#[removed(\"email\")]\npub struct User");
    }

    /// Seals, and accepts the data loss of the plan.
    fn seal_accepting(&self) {
        let plan = self.run(&["plan", "--json"]).json();
        self.run(&["seal", "--accept", plan["plan"].as_str().expect("a plan")]).is(0);
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        run(self.dir(), arguments, &[])
    }
}

/// Runs `kontract` in a directory, with the given variables and none that would change its behaviour.
fn run(dir: &Path, arguments: &[&str], env: &[(&str, &str)]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kontract"));
    command.args(arguments).current_dir(dir);
    for name in [
        "CI",
        "KONTRACT_LOCKED",
        "KONTRACT_SEAL",
        "KONTRACT_ENV",
        "RUSTFLAGS",
        "CARGO_BUILD_TARGET",
        "DATABASE_URL",
    ] {
        command.env_remove(name);
    }
    run_command(command.envs(env.iter().copied()))
}

fn run_command(command: &mut Command) -> Ran {
    let output = command.output().expect("it starts");
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    Ran {
        status: output.status.code().expect("it exits without a signal"),
        out: text(&output.stdout),
        err: text(&output.stderr),
    }
}
