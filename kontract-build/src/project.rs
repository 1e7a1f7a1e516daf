//! A package as the command line reads and writes it, without a build.
//!
//! The same scan, check and gate as in a build script. What cargo would pass to it comes as
//! [`Settings`]. No derive runs here, so every problem is reported with its position, also those
//! inside single structs.
//!
//! [`Project::look`] writes nothing. [`Project::seal`] and [`Project::create`] write the lock file
//! under the rules of a build: not in locked mode, one process at a time, completely or not at all.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use kontract_schema::code;
use kontract_schema::diagnostic::{Diagnostic, Diagnostics, Location, SourceRange};
use kontract_schema::gate::{Compared, Gate};
use kontract_schema::intent::Checked;
use kontract_schema::lock::{LockFile, Migration};
use kontract_schema::migration::manual;
use kontract_schema::rules::Judgement;

use crate::assessment::Assessment;
use crate::builder::Builder;
use crate::cargo::env::{Env, WATCHED};
use crate::cargo::package::Package;
use crate::config;
use crate::lock::guard::Guard;
use crate::lock::{lock_file, migrations, seal, statements};
use crate::source::cfg::Cfg;
use crate::source::items::{SourceItems, gather_items};
use crate::source::scan::{Scan, scan_crates};

mod build_script;
pub mod rebase;

/// What cargo would pass to a build script.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The name of the package.
    pub name: String,
    /// Its directory.
    pub dir: PathBuf,
    /// Its build script, which may change the paths.
    pub build_script: Option<PathBuf>,
    /// The enabled features.
    pub features: BTreeSet<String>,
    /// The lines of `rustc --print cfg`.
    pub cfg: Vec<String>,
}

/// A package.
pub struct Project {
    package: Package,
}

/// The source, the migrations and the lock file, and the judgement on them.
pub struct Look {
    /// The lock file on disk.
    pub lock: LockFile,
    /// The schema of the source, with its hints.
    pub source: Checked,
    /// The judgement on the changes since the sealed state; `None` if the source or the migrations
    /// have mistakes.
    pub gate: Option<Gate>,
    /// The manual migration of the next version, relative to the package.
    pub manual: Option<PathBuf>,
    /// The errors.
    pub problems: Diagnostics,
    /// The warnings. Empty if there are errors.
    pub warnings: Diagnostics,
    /// The warnings, also if there are errors: sealing may fix these.
    pub warned: Diagnostics,
    /// Whether a build would write the lock file.
    pub is_stale: bool,
    /// The versions of Kontract whose sealed statements are taken as they are.
    pub generators: Vec<String>,
    /// The name under which databases keep the history of the package.
    pub history_key: String,
}

/// The result of sealing.
pub enum Sealing {
    /// Nothing has changed.
    Nothing,
    /// The changes were sealed as this migration.
    Sealed(Box<Migration>),
    /// A manual migration was written. The user has to review it and fill in its placeholders.
    Written {
        /// The file, relative to the package.
        file: PathBuf,
        /// Its text.
        text: String,
        /// The changes that it covers, with other ways to let them pass.
        refused: Vec<Judgement>,
    },
    /// There are errors. Nothing was written.
    Refused(Diagnostics),
}

impl Project {
    /// The package that the settings describe.
    ///
    /// # Errors
    /// The paths in the build script cannot be determined.
    pub fn new(settings: &Settings) -> Result<Project, Box<Diagnostic>> {
        let builder = match &settings.build_script {
            Some(path) => build_script::read_builder(path)?,
            None => Builder::new(),
        };
        let (name, dir) = (settings.name.clone(), settings.dir.clone());
        // The time of now is newer than every build: cargo runs the build script again.
        let package =
            Package::new(&builder, build_script_env(settings), dir, name, SystemTime::now());
        Ok(Project { package })
    }

    /// The lock file, relative to the package if it is inside it.
    pub fn lock_path(&self) -> &Path {
        self.package.relative_path(&self.package.lock)
    }

    /// The path of a manual migration, relative to the package if it is inside it.
    pub fn migration_path(&self, file: &str) -> PathBuf {
        self.package.relative_path(&self.package.migrations).join(file)
    }

    /// Returns the name under which databases keep the history of the package, also where its lock file
    /// cannot be read.
    pub fn history_key(&self) -> String {
        let config = config::read_config(&self.package.dir, &mut Diagnostics::new());
        config.history_key.unwrap_or_else(|| self.package.name.clone())
    }

    /// Reads the source, the migrations and the lock file, and judges the changes.
    ///
    /// # Errors
    /// The lock file cannot be read.
    pub fn look(&self) -> Result<Look, Box<Diagnostic>> {
        let (state, problems) = self.assess()?;
        let new_lock = state.new_lock();
        let manual = state.next.as_ref().map(|file| self.migration_path(&file.manual.file));
        let warned = self.add_source_lines(state.all_warnings(), &state.items);
        Ok(Look {
            warnings: if problems.is_empty() { warned.clone() } else { Diagnostics::new() },
            warned,
            is_stale: problems.is_empty() && state.on_disk.differs(&new_lock),
            generators: state.generators,
            lock: state.old,
            source: state.source,
            gate: state.gate,
            manual,
            problems,
            history_key: state.history_key,
        })
    }

    /// Compares the sealed migrations of a lock file with what their changes generate.
    pub fn compare_statements<'a>(&self, lock: &'a LockFile) -> Vec<Compared<'a>> {
        // A look has reported what is wrong with the files.
        let mut problems = Diagnostics::new();
        let dir = self.package.migrations_dir();
        let next = lock.version + 1;
        let files = migrations::read_migrations(&dir, &self.package.dir, next, &mut problems);
        statements::compare(lock, &files)
    }

    /// Seals the changes as the next migration. A manual migration has the name of its file. With
    /// `accept`, the hash of the plan, writes into the file of the migration that the plan is
    /// accepted.
    ///
    /// # Errors
    /// The name is invalid; the plan has another hash; the lock file cannot be read, or must not or
    /// cannot be written.
    pub fn seal(
        &self,
        name: Option<&str>,
        accept: Option<&str>,
    ) -> Result<Sealing, Box<Diagnostic>> {
        let _guard = Guard::acquire(&self.package.lock)?;
        let (state, problems) = self.assess_accepting(accept)?;
        self.seal_assessment(&state, problems, name)
    }

    /// Seals the changes. If they need a manual migration that does not exist yet, writes its file
    /// instead, with suggested SQL. With `rust`, always writes a file, in Rust.
    ///
    /// # Errors
    /// Those of [`Project::seal`], and the file cannot be written.
    pub fn create(
        &self,
        name: &str,
        accept: Option<&str>,
        rust: bool,
    ) -> Result<Sealing, Box<Diagnostic>> {
        let _guard = Guard::acquire(&self.package.lock)?;
        let (state, problems) = self.assess_accepting(accept)?;
        let is_coverable = |gate: &&Gate| {
            gate.judgements.iter().all(|judgement| judgement.passes || judgement.finding.coverable)
        };
        let gate = state.gate.as_ref().filter(is_coverable);
        let gate = gate.filter(|_| state.next.is_none() && !state.items.incomplete);
        let text = |gate: &Gate| {
            if rust {
                Some(gate.rust_text(&state.old.schema(), name))
            } else {
                gate.manual_text(&state.old.schema())
            }
        };
        match gate.and_then(|gate| Some((gate, text(gate)?))) {
            Some((gate, text)) => {
                let refused = gate.judgements.iter().filter(|judgement| !judgement.passes);
                let refused = refused.cloned().collect();
                let ending = if rust { ".rs" } else { ".sql" };
                let file = self.write_migration(&state.old, name, ending, &text)?;
                Ok(Sealing::Written { file, text, refused })
            }
            _ => self.seal_assessment(&state, problems, Some(name)),
        }
    }

    fn seal_assessment(
        &self,
        state: &Assessment,
        problems: Diagnostics,
        name: Option<&str>,
    ) -> Result<Sealing, Box<Diagnostic>> {
        if !problems.is_empty() {
            return Ok(Sealing::Refused(problems));
        }
        if state.draft().is_none() {
            return Ok(Sealing::Nothing);
        }
        match (&state.next, name) {
            (Some(file), Some(name)) if file.name != name => {
                let message = format!("the next migration is `{}`, not `{name}`", file.manual.file);
                return Err(Box::new(Diagnostic::new(code::SEAL, message).help(format!(
                    "rename the file to `{:04}_{name}{}`, or seal it under its own name: `kontract seal`",
                    file.version,
                    migrations::file_extension(&file.manual.file),
                ))));
            }
            (None, None | Some("")) => {
                return Err(Box::new(
                    Diagnostic::new(code::SEAL, "a migration needs a name")
                        .help("describe what it does: `kontract seal add_posts`"),
                ));
            }
            _ => {}
        }
        let lock = seal::seal_draft(state.new_lock(), &state.source, name.unwrap_or_default())?;
        lock_file::write_if_changed(&self.package, &state.on_disk, &state.old, &lock)?;
        let sealed = lock.migrations.into_iter().next_back();
        Ok(sealed.map_or(Sealing::Nothing, |migration| Sealing::Sealed(Box::new(migration))))
    }

    fn write_migration(
        &self,
        lock: &LockFile,
        name: &str,
        ending: &str,
        text: &str,
    ) -> Result<PathBuf, Box<Diagnostic>> {
        seal::check_name(lock, name)?;
        let file = self.migration_path(&format!("{:04}_{name}{ending}", lock.version + 1));
        self.check_writable(&file)?;
        let path = self.package.dir.join(&file);
        let create = || -> io::Result<()> {
            std::fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
            File::create_new(&path)?.write_all(text.as_bytes())
        };
        create().map_err(|error| lock_file::io_error(&file, "written", &error))?;
        Ok(file)
    }

    fn check_writable(&self, file: &Path) -> Result<(), Box<Diagnostic>> {
        let Some(reason) = self.package.locked_reason() else { return Ok(()) };
        let message = format!("{} is not written because {reason}", file.display());
        Err(Box::new(
            Diagnostic::new(code::LOCK_STALE, message)
                .help("create it on your machine, and commit it"),
        ))
    }

    /// Writes into the file of the migration that the plan with this hash is accepted, and assesses.
    fn assess_accepting(
        &self,
        hash: Option<&str>,
    ) -> Result<(Assessment, Diagnostics), Box<Diagnostic>> {
        let (state, problems) = self.assess()?;
        let plan = state.gate.as_ref().and_then(|gate| gate.plan.as_ref());
        let (Some(hash), Some(plan), Some(next)) = (hash, plan, &state.next) else {
            return Ok((state, problems));
        };
        if plan.hash != *hash {
            let message = format!("the plan has the hash {}, not {hash}", plan.hash);
            return Err(Box::new(
                Diagnostic::new(code::NOT_ACCEPTED, message)
                    .help("review it again: `kontract plan`"),
            ));
        }
        if plan.loses.is_empty() {
            let message = format!("migration `{}` loses no data", next.manual.file);
            let help = "seal it without `--accept`";
            return Err(Box::new(Diagnostic::new(code::NOT_ACCEPTED, message).help(help)));
        }
        let file = self.migration_path(&next.manual.file);
        self.check_writable(&file)?;
        let path = self.package.dir.join(&file);
        let accept = || -> io::Result<()> {
            let text = std::fs::read_to_string(&path)?;
            std::fs::write(&path, manual::with_accept(&text, hash))
        };
        accept().map_err(|error| lock_file::io_error(&file, "written", &error))?;
        self.assess()
    }

    /// Assesses the package. Also returns everything that prevents sealing.
    fn assess(&self) -> Result<(Assessment, Diagnostics), Box<Diagnostic>> {
        let package = &self.package;
        let scan = scan_crates(&package.dir, &package.roots, &Cfg::new(&package.env));
        let mut problems = unreadable_problems(&scan);
        let items = gather_items(scan);
        problems.extend(items.mistakes.clone());
        let state = Assessment::new(package, items, None)?;
        problems.extend(state.problems.clone());
        let problems = self.add_source_lines(problems, &state.items);
        Ok((state, problems))
    }

    /// Adds the range in the source, and the text of its first line, to the diagnostics that have one.
    fn add_source_lines(
        &self,
        found: impl IntoIterator<Item = Diagnostic>,
        items: &SourceItems,
    ) -> Diagnostics {
        let add = |diagnostic| {
            let mut diagnostic = items.add_source_range(diagnostic);
            if let Location::Source { range, line } = &mut diagnostic.location {
                *line = read_first_line(&self.package.dir, range);
            }
            diagnostic
        };
        found.into_iter().map(add).collect()
    }
}

/// Reads the first line of a range. Returns `None` for a whole file and a file that cannot be read.
fn read_first_line(dir: &Path, range: &SourceRange) -> Option<String> {
    let number = range.line.checked_sub(1)?;
    let text = std::fs::read_to_string(dir.join(&range.file)).ok()?;
    text.lines().nth(number).map(str::to_owned)
}

/// What the scan could not read or decide.
fn unreadable_problems(scan: &Scan) -> Diagnostics {
    let broken = scan.broken.iter().cloned();
    let broken = broken.map(|problem| problem.help("fix it: `cargo check` shows more"));
    broken.chain(scan.undecided.iter().cloned()).collect()
}

/// The environment that cargo would pass to the build script.
fn build_script_env(settings: &Settings) -> Env {
    let process = Env::from_process();
    let mut variables: BTreeMap<String, String> = WATCHED
        .iter()
        .filter(|name| **name != "KONTRACT_SEAL")
        .filter_map(|name| Some(((*name).to_owned(), process.get(name)?.to_owned())))
        .collect();
    for line in &settings.cfg {
        let (name, value) = line.split_once('=').unwrap_or((line, ""));
        let name = format!("CARGO_CFG_{}", name.to_uppercase().replace('-', "_"));
        let value = value.trim_matches('"');
        let all = variables.entry(name).or_default();
        if !all.is_empty() {
            all.push(',');
        }
        all.push_str(value);
    }
    let features: Vec<&str> = settings.features.iter().map(String::as_str).collect();
    variables.insert("CARGO_CFG_FEATURE".to_owned(), features.join(","));
    let pairs: Vec<(&str, &str)> =
        variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    Env::from(pairs.as_slice())
}

#[cfg(test)]
mod tests;
