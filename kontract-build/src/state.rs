//! Source, migration files and lock file, read and held against each other: what the build script
//! acts on, and what the command line shows. Writes nothing.

use kontract_schema::diagnostic::{Diagnostic, Diagnostics};
use kontract_schema::gate::{Gate, gate_with};
use kontract_schema::lock::{LockFile, Migration};
use kontract_schema::model::Schema;
use kontract_schema::rules::{Judgement, Level};
use kontract_schema::source::check;

use crate::cfg::Cfg;
use crate::config;
use crate::explain;
use crate::gather::Gathered;
use crate::lock_file::OnDisk;
use crate::migrations;
use crate::off::{self, Kept};
use crate::package::Package;

/// What was read, and the judgement on it.
pub struct State {
    /// The items of the source.
    pub gathered: Gathered,
    /// The lock file as it is on the disk.
    pub on_disk: OnDisk,
    /// Its content.
    pub old: LockFile,
    /// The schema of the source.
    pub schema: Schema,
    /// The manual migration of the next version.
    pub next: Option<migrations::File>,
    /// All files of migrations.
    pub files: Vec<migrations::File>,
    /// The judgement on what differs; none where the source or the migrations are wrong by
    /// themselves.
    pub gate: Option<Gate>,
    /// What stands in the way.
    pub problems: Diagnostics,
    /// What is switched off in this build.
    pub kept: Kept,
}

impl State {
    /// Reads the lock file and the migrations, and judges what the source has changed.
    ///
    /// # Errors
    /// The lock file cannot be read.
    pub fn read(package: &Package, gathered: Gathered) -> Result<State, Box<Diagnostic>> {
        let on_disk = OnDisk::read(&package.lock)?;
        let old = on_disk.content()?;
        let (mut schema, mut problems) =
            check::schema(&package.name, &gathered.items, &old.schema());
        gathered.keep_unread(&old, &mut schema);
        let mut kept = off::keep(&gathered, &Cfg::new(&package.env), &old, &mut schema);
        problems.extend(std::mem::take(&mut kept.problems));
        problems.extend(gathered.unnameable());
        let dir = package.dir.join(&package.migrations);
        let files = migrations::read(&dir, old.version + 1, &mut problems);
        let next = migrations::next(&files, &old, &mut problems).cloned();
        let levels = config::levels(&package.dir, &mut problems);
        let manual = next.as_ref().map(migrations::File::as_manual);
        let gate = problems.is_empty().then(|| gate_with(&levels, &old, &schema, manual));
        if let Some(gate) = &gate {
            problems = explain::problems(gate, &gathered);
        }
        Ok(State { gathered, on_disk, old, schema, next, files, gate, problems, kept })
    }

    /// What passes and is worth a warning; nothing where something else stands in the way.
    pub fn warnings(&self) -> Vec<Diagnostic> {
        if self.passes() { self.warned() } else { Vec::new() }
    }

    /// The same, also where something stands in the way.
    pub fn warned(&self) -> Vec<Diagnostic> {
        let Some(gate) = &self.gate else { return Vec::new() };
        let warned = gate.judgements.iter().filter(|found| found.level == Level::Warn);
        let lints = gate.lints.iter().cloned();
        let off = self.kept.warnings.iter().cloned();
        let hints = gate.idle_hints(&self.schema);
        warned.map(Judgement::warning).chain(off).chain(hints).chain(lints).collect()
    }

    /// The lock file as a build writes it where nothing stands in the way.
    pub fn lock(&self) -> LockFile {
        let conditions = self.kept.conditions.clone();
        LockFile { draft: self.draft().cloned(), conditions, ..self.old.clone() }
    }

    /// Whether everything could be read and nothing stands in the way, so that the lock file may
    /// follow the source.
    pub fn passes(&self) -> bool {
        self.problems.is_empty() && !self.gathered.incomplete
    }

    /// The changes that are not sealed, as a migration; none where there are none or where
    /// something stands in their way.
    pub fn draft(&self) -> Option<&Migration> {
        self.gate.as_ref()?.draft.as_ref()
    }
}
