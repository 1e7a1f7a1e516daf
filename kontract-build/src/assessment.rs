//! Reads the source, the migrations and the lock file, and judges what the source has changed. The
//! build script acts on the result, the command line shows it. Writes nothing.

use kontract_schema::diagnostic::{Diagnostic, Diagnostics};
use kontract_schema::gate::{Gate, gate_with};
use kontract_schema::intent::Checked;
use kontract_schema::lock::{LockFile, Migration};
use kontract_schema::rules::{Judgement, Level};
use kontract_schema::source::check;

use crate::cargo::package::Package;
use crate::config::{self, Config};
use crate::lock::lock_file::OnDisk;
use crate::lock::migrations::{self, MigrationFile};
use crate::lock::statements;
use crate::source::cfg::Cfg;
use crate::source::disabled_by_cfg::{self, Retained};
use crate::source::items::SourceItems;
use crate::source::source_notes;

/// Everything that was read, and the judgement on it.
pub struct Assessment {
    /// The items of the source.
    pub items: SourceItems,
    /// The lock file on disk.
    pub on_disk: OnDisk,
    /// Its content.
    pub old: LockFile,
    /// The schema of the source, with its hints.
    pub source: Checked,
    /// The manual migration of the next version.
    pub next: Option<MigrationFile>,
    /// All files of migrations.
    pub files: Vec<MigrationFile>,
    /// The judgement on the changes; `None` if the source or the migrations have mistakes.
    pub gate: Option<Gate>,
    /// The errors.
    pub problems: Diagnostics,
    /// What is disabled in this build.
    pub retained: Retained,
    /// The versions of Kontract whose sealed statements are taken as they are.
    pub generators: Vec<String>,
    /// The name under which databases keep the history of the package.
    pub history_key: String,
}

impl Assessment {
    /// Reads the lock file and the migrations, and judges the changes of the source. `compared` is the
    /// [`key`](statements::key) of a history whose statements were compared before.
    ///
    /// # Errors
    /// The lock file cannot be read.
    pub fn new(
        package: &Package,
        items: SourceItems,
        compared: Option<&str>,
    ) -> Result<Assessment, Box<Diagnostic>> {
        let on_disk = OnDisk::read(&package.lock, &package.dir)?;
        let old = on_disk.parse()?;
        let (mut source, mut problems) =
            check::check_schema(&package.name, &items.items, &old.schema());
        items.retain_unread(&old, &mut source);
        let cfg = Cfg::new(&package.env);
        let mut retained = disabled_by_cfg::retain_disabled(&items, &cfg, &old, &mut source);
        problems.extend(std::mem::take(&mut retained.problems));
        problems.extend(items.report_hidden_structs());
        let dir = package.migrations_dir();
        let files = migrations::read_migrations(&dir, &package.dir, old.version + 1, &mut problems);
        let next = migrations::find_next(&files, &old, &mut problems).cloned();
        let Config { levels, generators, history_key } =
            config::read_config(&package.dir, &mut problems);
        let history_key = history_key.unwrap_or_else(|| package.name.clone());
        let manual = next.as_ref().map(MigrationFile::to_manual);
        let gate = problems.is_empty().then(|| gate_with(&levels, &old, &source, manual));
        if let Some(gate) = &gate {
            problems = source_notes::add_source_notes(gate, &items);
        }
        problems.extend(statements::find_problems(&old, &files, &generators, compared));
        Ok(Assessment {
            items,
            on_disk,
            old,
            source,
            next,
            files,
            gate,
            problems,
            retained,
            generators,
            history_key,
        })
    }

    /// The warnings of a build without errors. Empty if it has errors.
    pub fn warnings(&self) -> Vec<Diagnostic> {
        if self.passes() { self.all_warnings() } else { Vec::new() }
    }

    /// The warnings, also if there are errors.
    pub fn all_warnings(&self) -> Vec<Diagnostic> {
        let Some(gate) = &self.gate else { return Vec::new() };
        let judgements = gate.judgements.iter().filter(|found| found.level == Level::Warn);
        let lints = gate.lints.iter().cloned();
        let disabled = self.retained.warnings.iter().cloned();
        let hints = gate.idle_hints(&self.source);
        judgements.map(Judgement::warning).chain(disabled).chain(hints).chain(lints).collect()
    }

    /// The hash of the compared history.
    pub fn compared(&self) -> String {
        statements::key(&self.old, &self.files, &self.generators)
    }

    /// The lock file as a build without errors writes it.
    pub fn new_lock(&self) -> LockFile {
        let conditions = self.retained.conditions.clone();
        LockFile { draft: self.draft().cloned(), conditions, ..self.old.clone() }
    }

    /// Whether everything could be read without errors, so that the build may write the lock
    /// file.
    pub fn passes(&self) -> bool {
        self.problems.is_empty() && !self.items.incomplete
    }

    /// The unsealed changes as a migration. Returns `None` without changes, or with errors.
    pub fn draft(&self) -> Option<&Migration> {
        self.gate.as_ref()?.draft.as_ref()
    }
}
