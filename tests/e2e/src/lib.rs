//! A small application that is built for real: `cargo check` runs on it, and its output, the lock
//! file and the build script's files are compared.
//!
//! All applications use the workspace's target directory and profile, so that dependencies are
//! compiled once. An application's own directory has a fixed place there: what an earlier run of
//! the tests left in the target directory belongs to the same package and does not pile up.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use kontract_build::project::{Project, Settings};

/// The struct of most cases.
pub const USER: &str = "\
use kontract::prelude::*;

#[derive(Serialize, Deserialize, Table)]
pub struct User {
    #[primkey]
    pub id: String,
    pub name: String,
    pub age: f64,
}
";

/// An application.
pub struct App {
    dir: PathBuf,
    /// The directory for the tests' files in the target directory.
    files: String,
    version: String,
}

/// The profile of the workspace's Cargo.toml, for cargo's `--config`.
const PROFILE: [&str; 5] = [
    "profile.dev.debug='line-tables-only'",
    "profile.dev.build-override.opt-level=1",
    "profile.dev.package.kontract-schema.opt-level=0",
    "profile.dev.package.kontract-build.opt-level=0",
    "profile.dev.package.kontract-macros.opt-level=0",
];

/// The target directory of the workspace. `files` is the directory in it for the tests' files.
fn target_directory(files: &str) -> PathBuf {
    Path::new(files).parent().expect("below the target directory").to_owned()
}

/// Cargo for an application: with the workspace's target directory and profile, so that it uses the
/// dependencies that are built there, and without the settings of the cargo that runs the tests.
pub fn cargo_command(files: &str, arguments: &[&str]) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        let prefixes = ["CARGO_PKG_", "CARGO_CFG_", "CARGO_FEATURE_", "KONTRACT_"];
        if prefixes.iter().any(|prefix| name.starts_with(prefix)) {
            command.env_remove(&*name);
        }
    }
    for name in [
        "CI",
        "DOCS_RS",
        "CARGO_MANIFEST_DIR",
        "CARGO_MANIFEST_PATH",
        "RUSTFLAGS",
        "CARGO_ENCODED_RUSTFLAGS",
    ] {
        command.env_remove(name);
    }
    // Arguments after `--` are the program's.
    command.arg("--offline");
    command.args(PROFILE.iter().flat_map(|setting| ["--config", setting]));
    command
        .args(arguments)
        .env("CARGO_TARGET_DIR", target_directory(files))
        .env("CARGO_TERM_COLOR", "never")
        .env("RUST_BACKTRACE", "0");
    command
}

/// The result of a build.
#[derive(Debug)]
pub struct Built {
    /// Whether cargo succeeded.
    pub ok: bool,
    /// What cargo printed, without the paths of this machine.
    pub text: String,
    /// The directory of the application.
    dir: PathBuf,
}

impl App {
    /// A new application with this src/main.rs, in a directory of the case's name. `files` is the
    /// directory for the tests' files that cargo names.
    pub fn new(case: &str, files: &str, main: &str) -> App {
        let dir = Path::new(files).join("e2e").join(case);
        let _ = fs::remove_dir_all(&dir);
        // Packages of the same name and version at different places would share their build
        // directory: cargo tells them apart by the path below their own workspace.
        let number = case.bytes().fold(7u32, |sum, byte| (sum * 31 + u32::from(byte)) % 1_000_003);
        let app = App { dir, files: files.to_owned(), version: format!("0.1.{number}") };
        let workspace =
            Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("tests/e2e");
        app.write(
            "Cargo.toml",
            &format!(
                "[package]\nname = \"app\"\nversion = \"{version}\"\nedition = \"2024\"\n\n[workspace]\n\n\
                 [features]\nextra = []\n\n\
                 [dependencies]\nkontract = {{ path = {workspace:?} }}\nserde = \"1\"\n\
                 tokio = {{ version = \"1\", features = [\"rt-multi-thread\", \"macros\"] }}\n\n\
                 [build-dependencies]\nkontract-build = {{ path = {build:?} }}\n",
                version = app.version,
                build = workspace.join("kontract-build"),
            ),
        );
        app.write("build.rs", "fn main() {\n    kontract_build::compile();\n}\n");
        app.write("src/main.rs", &(main.to_owned() + "\nkontract::storage!();\n\nfn main() {}\n"));
        // The same versions as everywhere in the workspace.
        fs::copy(workspace.join("Cargo.lock"), app.dir.join("Cargo.lock")).expect("Cargo.lock");
        app
    }

    /// The directory of the application.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Writes a file below the application.
    pub fn write(&self, file: &str, text: &str) {
        let path = self.dir.join(file);
        fs::create_dir_all(path.parent().expect("below the application")).expect("a directory");
        fs::write(path, text).expect(file);
    }

    /// The text of a file.
    pub fn read(&self, file: &str) -> String {
        fs::read_to_string(self.dir.join(file)).expect(file)
    }

    /// Replaces a piece of a file. Fails if the file does not contain it.
    pub fn edit(&self, file: &str, old: &str, new: &str) {
        let text = self.read(file);
        assert!(text.contains(old), "{file} has no `{old}`");
        self.write(file, &text.replacen(old, new, 1));
    }

    /// The lock file as text.
    pub fn lock(&self) -> String {
        self.read("kontract.lock.json")
    }

    /// The lock file as JSON.
    pub fn lock_json(&self) -> serde_json::Value {
        serde_json::from_str(&self.lock()).expect("JSON")
    }

    /// The ids of the changes in the draft, or of the newest migration.
    pub fn changes(&self, of: &str) -> Vec<String> {
        let lock = self.lock_json();
        let migration = match of {
            "draft" => &lock["draft"],
            _ => lock["migrations"].as_array().and_then(|all| all.last()).expect("a migration"),
        };
        let changes = migration["changes"].as_array().cloned().unwrap_or_default();
        changes.iter().map(|record| record["change"].as_str().expect("an id").to_owned()).collect()
    }

    /// `cargo check`.
    pub fn check(&self) -> Built {
        self.cargo(&["check"], &[])
    }

    /// Runs cargo with variables set.
    pub fn cargo(&self, arguments: &[&str], env: &[(&str, &str)]) -> Built {
        let mut command = cargo_command(&self.files, arguments);
        let command = command.current_dir(&self.dir).envs(env.iter().copied());
        self.read_output(&command.output().expect("cargo starts"))
    }

    /// The directory of the build script's output in the newest build.
    pub fn out_dir(&self) -> PathBuf {
        self.newest_build("out").join("kontract")
    }

    /// The executable of the build script.
    pub fn build_script(&self) -> PathBuf {
        self.newest_build("build-script-build")
    }

    /// `file` below the directory of this package's newest build script. Other applications have
    /// the same name; the paths in the output of a build script tell them apart.
    fn newest_build(&self, file: &str) -> PathBuf {
        let dirs = fs::read_dir(target_directory(&self.files).join("debug/build"))
            .expect("a build")
            .flatten();
        let ours = dirs.map(|entry| entry.path()).filter(|dir| match file {
            // The stamp names the package's directory.
            "out" => fs::read_to_string(dir.join("out/kontract/stamp")).is_ok_and(|stamp| {
                stamp
                    .lines()
                    .next()
                    .is_some_and(|line| line.ends_with(&*self.dir.to_string_lossy()))
            }),
            _ => {
                dir.join(file).is_file()
                    && dir
                        .file_name()
                        .is_some_and(|name| name.to_string_lossy().starts_with("app-"))
            }
        });
        let changed =
            |path: &PathBuf| fs::metadata(path.join(file)).and_then(|meta| meta.modified()).ok();
        ours.max_by_key(changed).expect("a build of this application").join(file)
    }

    /// Seals the draft.
    #[track_caller]
    pub fn seal(&self, name: &str) {
        let built = self.cargo(&["check"], &[("KONTRACT_SEAL", name)]);
        assert!(built.ok, "{}", built.text);
        assert!(self.lock_json()["draft"].is_null(), "still a draft:\n{}", built.text);
    }

    /// What cargo printed, without the paths of this machine.
    fn read_output(&self, output: &Output) -> Built {
        let text =
            String::from_utf8_lossy(&output.stderr) + String::from_utf8_lossy(&output.stdout);
        let dir = self.dir.to_string_lossy().into_owned();
        let waiting = |line: &&str| !line.trim_start().starts_with("Blocking");
        let text: Vec<&str> = text.lines().filter(waiting).collect();
        let text = text.join("\n").replace(&dir, "[app]").replace(&self.version, "0.1.0");
        Built { ok: output.status.success(), text, dir: self.dir.clone() }
    }
}

impl Built {
    /// Fails unless the build succeeded.
    #[track_caller]
    pub fn passes(self) -> Built {
        assert!(self.ok, "the build fails:\n{}", self.text);
        self
    }

    /// Fails unless the build failed.
    #[track_caller]
    pub fn fails(self) -> Built {
        assert!(!self.ok, "the build passes:\n{}", self.text);
        self
    }

    /// Fails unless cargo printed this text. Spaces at the ends of lines are ignored.
    #[track_caller]
    pub fn says(self, expected: &str) -> Built {
        let trim = |text: &str| text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
        assert!(
            trim(&self.text).contains(&trim(expected)),
            "cargo does not say\n{expected}\n\nbut\n{}",
            self.text
        );
        self
    }

    /// Fails if cargo printed this text.
    #[track_caller]
    pub fn is_silent_about(self, unexpected: &str) -> Built {
        assert!(!self.text.contains(unexpected), "cargo says `{unexpected}`:\n{}", self.text);
        self
    }

    /// The file and the text of the ready-made migration of an error, as `kontract migrate create` writes
    /// it.
    #[track_caller]
    pub fn pasted(&self) -> (String, String) {
        let offer = "which writes `";
        let (_, rest) = self.text.split_once(offer).expect("an offer");
        let (file, _) = rest.split_once('`').expect("the name of the file");
        let settings = Settings {
            name: "app".to_owned(),
            dir: self.dir.clone(),
            build_script: Some(self.dir.join("build.rs")),
            ..Settings::default()
        };
        let project = Project::new(&settings).expect("a package");
        let problems = project.look().expect("a lock file").problems;
        let text = problems.into_iter().find_map(|problem| problem.migration);
        (file.to_owned(), text.expect("a migration") + "\n")
    }

    /// The number of errors that rustc and the build script reported, without cargo's closing lines.
    pub fn errors(&self) -> usize {
        let closing = ["error: could not compile", "error: build script logged errors"];
        let is_error = |line: &&str| {
            line.starts_with("error") && !closing.iter().any(|end| line.starts_with(end))
        };
        self.text.lines().filter(is_error).count()
    }

    /// Whether something was compiled.
    pub fn compiled(&self) -> bool {
        self.text.contains("Compiling") || self.text.contains("Checking")
    }
}
