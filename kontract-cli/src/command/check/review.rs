//! What a branch adds to the history since another commit, for a reviewer.

mod markdown;

use std::path::Path;

use kontract_build::project::rebase::own_migrations;
use kontract_build::project::{Look, Project};
use kontract_schema::change::Change;
use kontract_schema::dialect::Dialect;
use kontract_schema::gate::{Compared, Comparison, generator};
use kontract_schema::lock::{LockFile, Migration};
use kontract_schema::rules::{self, Judgement};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::git::File;
use crate::show::{self, count, say};

/// What is new since a commit.
pub struct Review {
    commit: String,
    /// Migrations of that commit that the lock file does not have, or has in another form.
    gone: Vec<String>,
    entries: Vec<Entry>,
}

/// A new migration, or the unsealed changes.
struct Entry {
    title: String,
    /// Where its statements come from.
    origin: String,
    /// Whether they are those that its changes generate, or those of its manual file.
    is_explained: bool,
    is_manual: bool,
    notes: Vec<String>,
    changes: Vec<ChangeLine>,
    /// The statements on each database.
    statements: Vec<(Dialect, Vec<String>)>,
}

/// A change with its verdict.
struct ChangeLine {
    verdict: &'static str,
    ids: Vec<String>,
    rule: String,
    message: String,
}

impl Review {
    /// Compares the lock file with that of the commit at which the branch left `commit`.
    ///
    /// # Errors
    /// Git has no such commit, or its lock file cannot be read.
    pub fn new(
        project: &Project,
        package: &Path,
        look: &Look,
        commit: &str,
    ) -> Result<Review, Failure> {
        let file = File::new(&package.join(project.lock_path()));
        if !file.has_commit(commit) {
            return Err(Failure::new(format!("git has no commit `{commit}`"))
                .help("in CI, fetch it first: `git fetch origin main`"));
        }
        let base = file.merge_base("HEAD", commit)?;
        let old = match file.read_in_commit(&base)? {
            Some(text) => project.read_lock(&text, &format!("commit `{base}`"))?,
            None => LockFile::default(),
        };
        let describe = |one: &Migration| format!("migration {} `{}`", one.version, one.name);
        let gone = own_migrations(&old, &look.lock).iter().map(describe).collect();
        let known = look.lock.migrations.len() - own_migrations(&look.lock, &old).len();
        let compared = project.compare_statements(&look.lock);
        let new = compared.iter().filter(|one| one.migration.version as usize > known);
        let mut entries: Vec<Entry> =
            new.map(|one| sealed_entry(one, project, &look.generators)).collect();
        entries.extend(unsealed_entry(look));
        Ok(Review { commit: commit.to_owned(), gone, entries })
    }

    /// Whether each new statement is explained, and no migration of the commit is gone.
    pub fn is_fine(&self) -> bool {
        self.gone.is_empty() && self.entries.iter().all(|entry| entry.is_explained)
    }

    /// `2 new migrations since main`.
    fn heading(&self) -> String {
        format!("{} since {}", count(self.entries.len(), "new migration"), self.commit)
    }

    /// Prints it as text.
    pub fn print(&self, package: &str) {
        say!("{package}: {}", self.heading());
        for gone in &self.gone {
            say!("  {gone} is missing or was changed; databases may have run it");
        }
        for entry in &self.entries {
            say!("\n{}: {}", entry.title, entry.origin);
            entry.notes.iter().for_each(|note| say!("  note: {note}"));
            for ChangeLine { verdict, ids, rule, message } in &entry.changes {
                say!("  {verdict:9}  {} ({rule})", ids.join(", "));
                say!("             {message}");
            }
            for (dialect, statements) in &entry.statements {
                say!("  on {}:", dialect.name());
                for statement in statements {
                    say!("      {};", statement.replace('\n', "\n      "));
                }
            }
        }
        say!();
    }

    /// Prints it in Markdown, for a comment on a pull request.
    pub fn print_markdown(&self, package: &str, look: &Look) {
        say!("{}", markdown::render(self, package, &look.problems));
    }

    /// Returns it as JSON.
    pub fn to_json(&self) -> Value {
        let entries = self.entries.iter().map(|entry| {
            let changes = entry.changes.iter().map(|line| {
                let ChangeLine { verdict, ids, rule, message } = line;
                json!({"verdict": verdict, "changes": ids, "rule": rule, "message": message})
            });
            let statements = entry.statements.iter();
            let statements: serde_json::Map<String, Value> = statements
                .map(|(dialect, list)| (dialect.name().to_owned(), json!(list)))
                .collect();
            json!({
                "title": entry.title, "origin": entry.origin, "explained": entry.is_explained,
                "manual": entry.is_manual, "notes": entry.notes,
                "changes": changes.collect::<Vec<_>>(), "statements": statements,
            })
        });
        let entries: Vec<Value> = entries.collect();
        json!({"since": self.commit, "gone": self.gone, "new": entries, "ok": self.is_fine()})
    }
}

/// Describes a new sealed migration.
fn sealed_entry(compared: &Compared<'_>, project: &Project, generators: &[String]) -> Entry {
    let migration = compared.migration;
    let mut notes = Vec::new();
    let (origin, is_explained) = match (&compared.result, &migration.manual) {
        (Comparison::Equal, None) => ("generated from its changes".to_owned(), true),
        (Comparison::Equal, Some(manual)) => {
            let file = project.migration_path(&manual.file);
            (format!("manual, the statements of {}", file.display()), true)
        }
        (Comparison::NoFile, _) => {
            ("manual, and its file is missing or was changed".to_owned(), false)
        }
        (Comparison::Unrecorded, _) => {
            ("not compared, because the schema before it is not recorded".to_owned(), false)
        }
        (Comparison::Different(problem), _) => {
            notes.push(problem.message.clone());
            notes.extend(problem.notes.clone());
            let is_accepted = compared.is_accepted(generators);
            let accepted = if is_accepted {
                format!("; kontract.toml accepts those of {}", generator(migration))
            } else {
                String::new()
            };
            (format!("differs from what its changes generate{accepted}"), is_accepted)
        }
    };
    let mut changes = list_changes(&compared.judgements);
    if changes.is_empty() {
        changes = migration.changes.iter().map(recorded_change).collect();
    }
    Entry {
        title: format!("migration {} `{}`", migration.version, migration.name),
        origin,
        is_explained,
        is_manual: migration.manual.is_some(),
        notes,
        changes,
        statements: list_statements(migration),
    }
}

/// Describes the changes that are not sealed, if there are any.
fn unsealed_entry(look: &Look) -> Option<Entry> {
    let gate = look.gate.as_ref().filter(|gate| gate.plan.is_some() || !gate.changes.is_empty())?;
    let origin = match &look.manual {
        Some(file) => format!("not sealed, manual, the statements of {}", file.display()),
        None => "not sealed, generated from the changes of the structs".to_owned(),
    };
    let plan = gate.plan.as_ref();
    Some(Entry {
        title: format!("migration {}", look.lock.version + 1),
        origin,
        is_explained: true,
        is_manual: look.manual.is_some(),
        notes: Vec::new(),
        changes: list_changes(&gate.judgements),
        statements: plan.map(|plan| list_statements(&plan.migration)).unwrap_or_default(),
    })
}

fn list_changes(judgements: &[Judgement]) -> Vec<ChangeLine> {
    let line = |judgement: &Judgement| ChangeLine {
        verdict: show::verdict_word(judgement.finding.verdict),
        ids: judgement.covers().map(Change::id).map(|id| id.to_string()).collect(),
        rule: judgement.rule.id.to_owned(),
        message: judgement.finding.message.clone(),
    };
    judgements.iter().map(line).collect()
}

/// Describes a change of which only the id and the rule are known.
fn recorded_change(record: &kontract_schema::lock::ChangeRecord) -> ChangeLine {
    let rule = rules::find(&record.rule);
    ChangeLine {
        verdict: "unknown",
        ids: vec![record.change.to_string()],
        rule: record.rule.clone(),
        message: rule.map_or("", |rule| rule.explanation.title).to_owned(),
    }
}

fn list_statements(migration: &Migration) -> Vec<(Dialect, Vec<String>)> {
    let texts = |dialect: Dialect| {
        migration.sql.for_dialect(dialect).up.iter().map(|step| step.to_text()).collect()
    };
    Dialect::ALL.into_iter().map(|dialect| (dialect, texts(dialect))).collect()
}
