//! The package and the database that a command is about.

use std::path::PathBuf;

use kontract_runtime::Result as RuntimeResult;
use kontract_runtime::manage::{Migrator, Options};
use kontract_schema::code;
use kontract_schema::diagnostic::{Diagnostic, Diagnostics};
use kontract_schema::lock::LockFile;

use crate::args::Global;
use crate::database::url;
use crate::failure::Failure;
use crate::package;
use crate::show;

/// A package with its history, and a database.
pub struct Target {
    pub name: String,
    /// The name under which databases keep the history of the package.
    pub history_key: String,
    /// The directory of the package.
    pub dir: PathBuf,
    /// The lock file with the draft of the source.
    pub lock: LockFile,
    pub url: String,
    /// The versions of Kontract whose sealed statements are taken as they are.
    pub generators: Vec<String>,
    /// Sealed migrations that differ from what generates them, or whose files are missing or were
    /// edited.
    pub problems: Diagnostics,
    /// Whether the source has changes that are not sealed.
    pub unsealed: bool,
    /// Whether the gate accepts these changes.
    pub draft_passes: bool,
}

impl Target {
    /// Reads the package and the address of the database from the arguments.
    ///
    /// # Errors
    /// The package or its lock file cannot be read, or the arguments name no database.
    pub fn read(global: &Global) -> Result<Target, Failure> {
        let (package, project) = package::open(global)?;
        let look = project.look()?;
        // The draft that a database has applied stays valid while it is the one of the source.
        let draft = match &look.gate {
            Some(gate) if look.problems.is_empty() => gate.draft.clone(),
            _ => look.lock.draft.clone(),
        };
        let draft_passes = look.problems.is_empty();
        let is_about_history = |problem: &Diagnostic| {
            use code::{MIGRATION_EDITED, MIGRATION_MISSING, STATEMENTS_DIFFER};
            matches!(problem.code, Some(MIGRATION_MISSING | MIGRATION_EDITED | STATEMENTS_DIFFER))
        };
        Ok(Target {
            name: package.name().to_owned(),
            dir: package.dir(),
            draft_passes,
            unsealed: look.gate.as_ref().is_none_or(|gate| !gate.changes.is_empty()),
            history_key: look.history_key,
            lock: LockFile { draft, ..look.lock },
            url: url(global)?.to_owned(),
            generators: look.generators,
            problems: look.problems.into_iter().filter(is_about_history).collect(),
        })
    }

    /// Makes the runner of this package for this database.
    ///
    /// # Errors
    /// The address or an environment variable is invalid.
    pub fn migrator(&self, options: Options) -> RuntimeResult<Migrator> {
        let migrator = Migrator::new(&self.url, &self.history_key, self.lock.clone(), options)?;
        Ok(migrator.with_generators(self.generators.clone()))
    }

    /// Prints the problems of the history, if it has any, and returns whether it has.
    pub fn refuse_broken_history(&self, global: &Global) -> bool {
        if self.problems.is_empty() {
            return false;
        }
        show::refusal(&self.name, &self.problems, global.json);
        true
    }
}
