//! An application on the disk: written, edited, given to cargo and measured.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process;
use std::time::{Duration, Instant};

use clap::ValueEnum;

use crate::peer::Peer;
use crate::{Args, Command};

/// Tables in a module.
pub const MODULE: usize = 10;

/// What is measured. The dependencies are built in each of them.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub enum Phase {
    /// Nothing of the application is there; with Kontract, the build script is compiled too.
    First,
    /// Nothing that rustc could use again; with Kontract, the build script runs from the start.
    Cold,
    /// A function between the tables of one module got one more line.
    Edit,
}

/// How long a command took, by the clock and in seconds of processors.
#[derive(Clone, Copy)]
pub struct Taken {
    pub clock: Duration,
    pub processors: Duration,
}

/// A package in a directory of its own, with a target directory that it shares.
pub struct App {
    name: String,
    peer: Peer,
    /// Whether it is a program that uses its tables, or a library that has them.
    used: bool,
    dir: PathBuf,
    target: PathBuf,
}

impl App {
    pub fn write(base: &Path, peer: Peer, tables: usize, args: &Args) -> App {
        let used = if args.used { "-used" } else { "" };
        let name = format!("{}{used}-{tables}", peer.name());
        let target = base.join("target");
        let app = App { dir: base.join(&name), target, name, peer, used: args.used };
        let mut manifest = format!(
            "[package]\nname = \"{}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n\n{}",
            app.name,
            peer.dependencies()
        );
        if !args.plain {
            // What Kontract says to do; it makes all macros faster.
            manifest += "\n[profile.dev.build-override]\nopt-level = 1\n";
        }
        fs::create_dir_all(app.dir.join("src")).expect("the target directory can be written");
        write(&app.dir.join("Cargo.toml"), &manifest);
        fs::copy(peer.lock_file(), app.dir.join("Cargo.lock")).expect("the peers are locked");
        if let Some(script) = peer.build_script() {
            write(&app.dir.join("build.rs"), script);
        }
        let modules = tables.div_ceil(MODULE);
        let mut root: String = (0..modules).map(|at| format!("pub mod m{at};\n")).collect();
        root += peer.root();
        if args.used {
            root += &peer.main(tables);
        }
        let file = if args.used { "src/main.rs" } else { "src/lib.rs" };
        write(&app.dir.join(file), &root);
        for module in 0..modules {
            let numbers = module * MODULE..tables.min((module + 1) * MODULE);
            write(&app.module(module), &app.source(numbers, 0));
        }
        app
    }

    fn module(&self, at: usize) -> PathBuf {
        self.dir.join(format!("src/m{at}.rs"))
    }

    /// Some tables, and between them a function with so many lines.
    fn source(&self, numbers: std::ops::Range<usize>, lines: usize) -> String {
        let mut text = self.peer.imports(self.used).to_owned();
        let middle = (numbers.start + numbers.end) / 2;
        for n in numbers.clone() {
            if n == middle {
                let lines: String = (0..lines).map(|n| format!("    sum += {n};\n")).collect();
                write!(text, "pub fn edited() -> u64 {{\n    let mut sum = 0;\n{lines}    sum += 1;\n    sum\n}}\n\n").expect("a string");
            }
            text += &self.peer.table(n, self.used);
            if self.used {
                text += &self.peer.usage(n);
            }
        }
        if self.used {
            text += &self.peer.module_usage(numbers);
        }
        text
    }

    /// How long cargo takes after that.
    pub fn measure(&self, command: Command, phase: Phase, round: usize) -> Taken {
        // Whatever else changed meanwhile is built before the clock runs.
        self.run(command);
        match phase {
            Phase::First => self.cargo(&["clean", "--package", &self.name]),
            Phase::Cold => {
                self.forget();
                self.edit(round * 2);
            }
            Phase::Edit => self.edit(round * 2 + 1),
        }
        let (start, before) = (Instant::now(), processors());
        self.run(command);
        Taken { clock: start.elapsed(), processors: processors() - before }
    }

    /// The first module gets more lines than it had.
    fn edit(&self, lines: usize) {
        write(&self.module(0), &self.source(0..MODULE, lines + 1));
    }

    /// Removes what rustc and the build script keep from one run to the next.
    fn forget(&self) {
        let krate = self.name.replace('-', "_");
        for (dir, name) in [("incremental", &krate), ("build", &self.name)] {
            let Ok(entries) = fs::read_dir(self.target.join("debug").join(dir)) else { continue };
            for entry in entries.flatten().map(|entry| entry.path()) {
                let found = entry.file_name().is_some_and(|found| {
                    let found = found.to_string_lossy();
                    found.rsplit_once('-').is_some_and(|(found, _)| found == name)
                });
                match dir {
                    "incremental" if found => {
                        fs::remove_dir_all(entry).expect("it is ours");
                    }
                    // That of the build script is there only where it ran.
                    _ if found => drop(fs::remove_file(entry.join("out/stamp"))),
                    _ => {}
                }
            }
        }
    }

    pub fn run(&self, command: Command) {
        self.cargo(&[if command == Command::Check { "check" } else { "build" }]);
    }

    fn cargo(&self, arguments: &[&str]) {
        let output = process::Command::new("cargo")
            .args(arguments)
            .arg("--quiet")
            .current_dir(&self.dir)
            .env("CARGO_TARGET_DIR", &self.target)
            .env_remove("CI")
            .output()
            .expect("cargo runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

/// The time of processors that finished children took, and theirs: Linux says it in hundredths of a
/// second.
fn processors() -> Duration {
    let text = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name of the program, which may contain anything, ends with the last parenthesis.
    let fields = text.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace();
    let ticks: u64 = fields.skip(13).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).expect("the target directory can be written");
}
