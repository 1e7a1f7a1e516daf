//! A package seen from outside of a build: what the command line reads and writes.
//!
//! The same scan, check and gate as in a build script, with what cargo would have told it given as
//! [`Settings`]. No derive runs here, so that every problem is told with its place, also those of
//! single structs.
//!
//! [`Project::look`] writes nothing. [`Project::seal`] and [`Project::create`] write the lock file,
//! under the rules of a build: not in locked mode, one process at a time, whole or not at all.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use kontract_schema::code;
use kontract_schema::diagnostic::{Diagnostic, Location};
use kontract_schema::gate::Gate;
use kontract_schema::lock::{LockFile, Migration};
use kontract_schema::migration::manual;
use kontract_schema::model::Schema;
use kontract_schema::rules::Judgement;

use crate::cfg::Cfg;
use crate::env::{Env, WATCHED};
use crate::gather::{self, Gathered};
use crate::lock_file::{self, Guard};
use crate::migrations;
use crate::package::Package;
use crate::scan::{self, Scan};
use crate::state::State;
use crate::{Builder, seal};

pub mod rebase;
mod script;

/// What cargo tells a build script.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The name of the package.
    pub name: String,
    /// Its directory.
    pub dir: PathBuf,
    /// Its build script; the places that it names are those that count.
    pub build_script: Option<PathBuf>,
    /// The features that are on.
    pub features: BTreeSet<String>,
    /// The lines of `rustc --print cfg`.
    pub cfg: Vec<String>,
}

/// A package.
pub struct Project {
    package: Package,
}

/// Something wrong, with its place in the source as `src/models.rs:12:5`.
#[derive(Clone, Debug)]
pub struct Problem {
    /// Where the source says it; none for what no struct says.
    pub place: Option<String>,
    /// The message.
    pub diagnostic: Diagnostic,
}

/// What the source, the migrations and the lock file say.
pub struct Look {
    /// The lock file as it is on the disk.
    pub lock: LockFile,
    /// The schema of the source.
    pub schema: Schema,
    /// The judgement on what differs from the sealed state; none where the source or the migrations
    /// are wrong by themselves.
    pub gate: Option<Gate>,
    /// The manual migration of the next version, below the package.
    pub manual: Option<PathBuf>,
    /// Everything that stands in the way.
    pub problems: Vec<Problem>,
    /// What passes and is worth a look; nothing where something stands in the way.
    pub warnings: Vec<Problem>,
    /// The same, also where something stands in the way: sealing may take that out of it.
    pub warned: Vec<Problem>,
    /// Whether a build would write the lock file.
    pub is_stale: bool,
}

/// What came of sealing.
pub enum Sealing {
    /// There are no changes.
    Nothing,
    /// The changes are this migration now.
    Sealed(Box<Migration>),
    /// A manual migration has to be read, and completed where it has placeholders.
    Written {
        /// The file, below the package.
        file: PathBuf,
        /// Its text.
        text: String,
        /// The changes that it is for, with what else would let them pass.
        refused: Vec<Judgement>,
    },
    /// Something stands in the way. Nothing was written.
    Refused(Vec<Problem>),
}

impl Project {
    /// The package that the settings describe.
    ///
    /// # Errors
    /// The build script names its places in a way that cannot be followed.
    pub fn new(settings: &Settings) -> Result<Project, Box<Diagnostic>> {
        let builder = match &settings.build_script {
            Some(path) => script::builder(path)?,
            None => Builder::new(),
        };
        let (name, dir) = (settings.name.clone(), settings.dir.clone());
        // Whatever is written now is newer than every build: cargo runs the build script again.
        let package = Package::at(&builder, env(settings), dir, name, SystemTime::now());
        Ok(Project { package })
    }

    /// The lock file, below the package where it stands there.
    pub fn lock_path(&self) -> &Path {
        self.package.shown(&self.package.lock)
    }

    /// A manual migration by the name of its file, below the package where it stands there.
    pub fn migration_path(&self, file: &str) -> PathBuf {
        self.package.shown(&self.package.migrations).join(file)
    }

    /// Reads everything.
    ///
    /// # Errors
    /// The lock file cannot be read.
    pub fn look(&self) -> Result<Look, Box<Diagnostic>> {
        let (state, problems) = self.read()?;
        let wanted = state.lock();
        let manual = state.next.as_ref().map(|file| self.migration_path(&file.manual.file));
        let warnings = if problems.is_empty() { state.warnings() } else { Vec::new() };
        let placed = |found: Vec<Diagnostic>| -> Vec<Problem> {
            found.iter().map(|warning| placed(warning, &state.gathered)).collect()
        };
        Ok(Look {
            warnings: placed(warnings),
            warned: placed(state.warned()),
            is_stale: problems.is_empty() && state.on_disk.differs(&wanted),
            lock: state.old,
            schema: state.schema,
            gate: state.gate,
            manual,
            problems,
        })
    }

    /// Makes the changes the next migration. A manual migration has its name already. Where
    /// `accept` is the hash of the plan, the file of the migration accepts it from then on.
    ///
    /// # Errors
    /// The name cannot be one; the plan is another one; the lock file cannot be read, or must not
    /// or cannot be written.
    pub fn seal(
        &self,
        name: Option<&str>,
        accept: Option<&str>,
    ) -> Result<Sealing, Box<Diagnostic>> {
        let _guard = Guard::wait(&self.package.lock)?;
        let (state, problems) = self.read_accepting(accept)?;
        self.seal_state(&state, problems, name)
    }

    /// The same; where changes need a manual migration and there is none, its file is written
    /// instead, ready-made: with statements of SQL, or on demand in Rust, also where no change needs
    /// one.
    ///
    /// # Errors
    /// As [`Project::seal`], and the file cannot be written.
    pub fn create(
        &self,
        name: &str,
        accept: Option<&str>,
        rust: bool,
    ) -> Result<Sealing, Box<Diagnostic>> {
        let _guard = Guard::wait(&self.package.lock)?;
        let (state, problems) = self.read_accepting(accept)?;
        let coverable = |gate: &Gate| {
            gate.judgements.iter().all(|judgement| judgement.passes || judgement.coverable)
        };
        let gate = state.gate.as_ref().filter(|gate| coverable(gate));
        let gate = gate.filter(|_| state.next.is_none() && !state.gathered.incomplete);
        let text = |gate: &Gate| match rust {
            true => Some(gate.rust_text(&state.old.schema(), name)),
            false => gate.manual_text(&state.old.schema()),
        };
        match gate.and_then(|gate| Some((gate, text(gate)?))) {
            Some((gate, text)) => {
                let refused = gate.judgements.iter().filter(|judgement| !judgement.passes);
                let refused = refused.cloned().collect();
                let ending = if rust { ".rs" } else { ".sql" };
                let file = self.write_manual(&state.old, name, ending, &text)?;
                Ok(Sealing::Written { file, text, refused })
            }
            _ => self.seal_state(&state, problems, Some(name)),
        }
    }

    fn seal_state(
        &self,
        state: &State,
        problems: Vec<Problem>,
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
                    "give the file the name `{:04}_{name}{}`, or seal it under its own: `kontract seal`",
                    file.version,
                    migrations::ending(&file.manual.file),
                ))));
            }
            (None, None | Some("")) => {
                return Err(Box::new(
                    Diagnostic::new(code::SEAL, "a migration needs a name")
                        .help("say what it does: `kontract seal add_posts`"),
                ));
            }
            _ => {}
        }
        let lock = seal::seal(state.lock(), &state.schema, name.unwrap_or_default())?;
        lock_file::update(&self.package, &state.on_disk, &state.old, &lock)?;
        let sealed = lock.migrations.into_iter().next_back();
        Ok(sealed.map_or(Sealing::Nothing, |migration| Sealing::Sealed(Box::new(migration))))
    }

    fn write_manual(
        &self,
        lock: &LockFile,
        name: &str,
        ending: &str,
        text: &str,
    ) -> Result<PathBuf, Box<Diagnostic>> {
        seal::check_name(lock, name)?;
        let file = self.migration_path(&format!("{:04}_{name}{ending}", lock.version + 1));
        self.may_write(&file)?;
        let path = self.package.dir.join(&file);
        let write = || -> io::Result<()> {
            std::fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
            File::create_new(&path)?.write_all(text.as_bytes())
        };
        write().map_err(|error| lock_file::failed(&file, "written", &error))?;
        Ok(file)
    }

    fn may_write(&self, file: &Path) -> Result<(), Box<Diagnostic>> {
        let Some(reason) = self.package.env.locked(&self.package.dir) else { return Ok(()) };
        let message = format!("{} is not written because {reason}", file.display());
        Err(Box::new(
            Diagnostic::new(code::LOCK_STALE, message)
                .help("write it on your machine, and commit it"),
        ))
    }

    /// The same, after the migration has accepted the plan of this hash.
    fn read_accepting(&self, hash: Option<&str>) -> Result<(State, Vec<Problem>), Box<Diagnostic>> {
        let (state, problems) = self.read()?;
        let plan = state.gate.as_ref().and_then(|gate| gate.plan.as_ref());
        let (Some(hash), Some(plan), Some(next)) = (hash, plan, &state.next) else {
            return Ok((state, problems));
        };
        if plan.hash != *hash {
            let message = format!("the plan is not {hash}, but {}", plan.hash);
            return Err(Box::new(
                Diagnostic::new(code::NOT_ACCEPTED, message)
                    .help("look at it again: `kontract plan`"),
            ));
        }
        if plan.loses.is_empty() {
            let message = format!("migration `{}` loses nothing", next.manual.file);
            let help = "seal it without `--accept`";
            return Err(Box::new(Diagnostic::new(code::NOT_ACCEPTED, message).help(help)));
        }
        let file = self.migration_path(&next.manual.file);
        self.may_write(&file)?;
        let path = self.package.dir.join(&file);
        let accept = || -> io::Result<()> {
            let text = std::fs::read_to_string(&path)?;
            std::fs::write(&path, manual::with_accept(&text, hash))
        };
        accept().map_err(|error| lock_file::failed(&file, "written", &error))?;
        self.read()
    }

    /// The state, and everything that stands in the way of sealing it.
    fn read(&self) -> Result<(State, Vec<Problem>), Box<Diagnostic>> {
        let package = &self.package;
        let scan = scan::scan(&package.dir, &package.roots, &Cfg::new(&package.env));
        let mut problems = unreadable(&scan);
        let gathered = gather::gather(scan);
        problems.extend(gathered.wrong.iter().map(|(file, diagnostic)| Problem {
            place: Some(match &diagnostic.location {
                Location::Tokens(at) => scan::place(file, Some(at.start)).to_string(),
                _ => scan::place(file, None).to_string(),
            }),
            diagnostic: diagnostic.clone(),
        }));
        let state = State::read(package, gathered)?;
        problems.extend(state.problems.iter().map(|problem| placed(problem, &state.gathered)));
        Ok((state, problems))
    }
}

fn placed(diagnostic: &Diagnostic, gathered: &Gathered) -> Problem {
    let place = gathered.place(diagnostic).map(|place| place.to_string());
    Problem { place, diagnostic: diagnostic.clone() }
}

/// What a scan could not read or decide.
fn unreadable(scan: &Scan) -> Vec<Problem> {
    let problem = |code, problem: &scan::Problem, help: &str| Problem {
        place: Some(problem.place.to_string()),
        diagnostic: Diagnostic::new(code, problem.what.clone()).help(help),
    };
    let broken = scan
        .broken
        .iter()
        .map(|found| problem(code::UNREADABLE_SOURCE, found, "mend it: `cargo check` says more"));
    let undecided = scan.undecided.iter().map(|found| {
        let help = "write the item without it, or decide it by a cargo feature or a target";
        problem(code::CFG, found, help)
    });
    broken.chain(undecided).collect()
}

/// The variables of a build script.
fn env(settings: &Settings) -> Env {
    let process = Env::of_process();
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
