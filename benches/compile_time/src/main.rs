//! What Kontract costs a build: an application with many tables of eight fields is written to
//! `target/compile-time`, checked with the derive and with serde's derives alone, in turns.
//!
//! `cargo run --release -p compile-time -- [TABLES] [ROUNDS]` (100 and 7)

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

fn main() {
    let mut arguments = std::env::args().skip(1).map(|n| n.parse().expect("a number"));
    let tables: usize = arguments.next().unwrap_or(100);
    let rounds: usize = arguments.next().unwrap_or(7);

    let target =
        PathBuf::from(std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into()));
    let dir =
        std::path::absolute(target).expect("the working directory exists").join("compile-time");
    let workspace = std::path::absolute(".").expect("the working directory exists");
    let with = App::write(&dir, &workspace, "with-kontract", tables, true);
    let without = App::write(&dir, &workspace, "serde-alone", tables, false);
    with.check();
    without.check();

    let mut times = [Vec::new(), Vec::new(), Vec::new()];
    for round in 0..rounds {
        for (app, times) in [&with, &without].into_iter().zip(&mut times) {
            // Whatever else changed meanwhile is built before the clock runs.
            app.check();
            app.touch(round);
            times.push(app.check());
        }
        times[2].push(with.build_script());
    }
    let [with, without, script] = times.map(median);
    let per_table = with.saturating_sub(without + script).as_secs_f64() * 1000.0 / tables as f64;
    println!("{tables} tables of 8 fields, median of {rounds} rounds, `cargo check` after an edit");
    println!("with kontract                  {:>8.0} ms", ms(with));
    println!("serde's derives alone          {:>8.0} ms", ms(without));
    println!("build script, nothing changed  {:>8.1} ms", ms(script));
    println!("the derive, each table         {per_table:>8.2} ms (goal: 6)");
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// An application in a directory of its own.
struct App {
    dir: PathBuf,
    target: PathBuf,
}

impl App {
    fn write(base: &Path, workspace: &Path, name: &str, tables: usize, kontract: bool) -> App {
        let dir = base.join(name);
        fs::create_dir_all(dir.join("src")).expect("the target directory can be written");
        let mut manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
             [dependencies]\nserde = {{ version = \"1\", features = [\"derive\"] }}\nkontract = {{ path = {workspace:?} }}\n"
        );
        if kontract {
            let build = workspace.join("kontract-build");
            write!(manifest, "\n[build-dependencies]\nkontract-build = {{ path = {build:?} }}\n\n[profile.dev.build-override]\nopt-level = 1\n").expect("a string");
            let script = "fn main() {\n    kontract_build::compile();\n}\n";
            write(&dir.join("build.rs"), script);
        }
        write(&dir.join("Cargo.toml"), &manifest);
        write(&dir.join("src/models.rs"), &models(tables, kontract));
        let storage = if kontract { "kontract::storage!();\n" } else { "" };
        write(&dir.join("src/lib.rs"), &format!("pub mod models;\n\n{storage}"));
        fs::copy(workspace.join("Cargo.lock"), dir.join("Cargo.lock"))
            .expect("the workspace has a lock file");
        App { dir, target: base.join("target") }
    }

    /// An edit that changes no table.
    fn touch(&self, round: usize) {
        let path = self.dir.join("src/lib.rs");
        let text = fs::read_to_string(&path).expect("it was written above");
        fs::write(&path, format!("{text}// round {round}\n")).expect("it was written above");
    }

    fn check(&self) -> Duration {
        let start = Instant::now();
        let output = Command::new("cargo")
            .args(["check", "--quiet"])
            .current_dir(&self.dir)
            .env("CARGO_TARGET_DIR", &self.target)
            .env_remove("CI")
            .output()
            .expect("cargo runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        start.elapsed()
    }

    /// The build script alone, as cargo runs it, on sources that it has seen.
    fn build_script(&self) -> Duration {
        let build = self.target.join("debug/build");
        let is_ours = |path: &PathBuf| path.to_string_lossy().contains("/with-kontract-");
        let outputs =
            fs::read_dir(&build).expect("cargo made it").flatten().map(|entry| entry.path());
        let outputs: Vec<PathBuf> = outputs.filter(is_ours).collect();
        let find = |name: &str| {
            let found = outputs.iter().map(|dir| dir.join(name)).find(|path| path.exists());
            found.expect("cargo built and ran the build script")
        };
        let mut script = Command::new(find("build-script-build"));
        script.current_dir(&self.dir).env_remove("CI");
        for (key, value) in [
            ("CARGO_PKG_NAME", "with-kontract"),
            ("CARGO_CFG_UNIX", ""),
            ("CARGO_CFG_TARGET_OS", "linux"),
            ("CARGO_CFG_FEATURE", ""),
            ("PROFILE", "debug"),
        ] {
            script.env(key, value);
        }
        script.env("CARGO_MANIFEST_DIR", &self.dir).env("OUT_DIR", find("out"));
        // The first run makes the stamp for this environment, the second one finds it.
        let run = |script: &mut Command| {
            let start = Instant::now();
            let output = script.output().expect("the build script runs");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            start.elapsed()
        };
        run(&mut script);
        run(&mut script)
    }
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).expect("the target directory can be written");
}

fn models(tables: usize, kontract: bool) -> String {
    let mut text = String::new();
    if kontract {
        text += "use kontract::prelude::*;\n\n";
    } else {
        text += "use serde::{Deserialize, Serialize};\n\n";
    }
    for n in 0..tables {
        let (derive, key) = match kontract {
            true => ("Serialize, Deserialize, Table", "    #[primkey]\n"),
            false => ("Serialize, Deserialize", ""),
        };
        write!(
            text,
            "#[derive({derive})]\npub struct Thing{n} {{\n{key}    pub id: String,\n    pub name: String,\n    \
             pub email: String,\n    pub age: f64,\n    pub tags: Vec<String>,\n    pub bio: Option<String>,\n    \
             pub admin: bool,\n    pub score: i64,\n}}\n\n"
        )
        .expect("a string");
    }
    text
}
