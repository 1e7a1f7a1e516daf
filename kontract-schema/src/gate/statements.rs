//! Compares the statements of sealed migrations with those that their changes generate, so that no
//! statement gets into a lock file in another way.

use super::{ManualFile, plan_migration};
use crate::change::diff::diff;
use crate::change::{Change, ChangeId};
use crate::code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::dialect::Dialect;
use crate::intent::{Intent, Target};
use crate::lock::{LockFile, Migration, Script, Step, VERSION};
use crate::migration;
use crate::model::Schema;
use crate::rules::{Context, Judgement, can_pass_by_level, judge};

/// The word in `generators` of `kontract.toml` for migrations without a recorded version.
pub const UNRECORDED: &str = "unrecorded";

/// The longest part of a statement that a message shows.
const SHOWN: usize = 200;

/// A sealed migration, compared.
#[derive(Clone, Debug)]
pub struct Compared<'a> {
    /// The migration.
    pub migration: &'a Migration,
    /// The result.
    pub result: Comparison,
    /// The judgements of its changes by the default levels; none where the schema before it is unknown.
    pub judgements: Vec<Judgement>,
}

/// How the statements of a migration compare with those that its changes generate.
#[derive(Clone, Debug)]
pub enum Comparison {
    /// They are equal. Those of a manual migration are those of its file, with the generated ones
    /// around them.
    Equal,
    /// The file of the manual migration is unknown here.
    NoFile,
    /// The schema before it is unknown: it was sealed before the lock file recorded what statements are
    /// generated from, or a later migration has no record.
    Unrecorded,
    /// They differ.
    Different(Box<Diagnostic>),
}

/// Compares the sealed migrations after a version, oldest first. `text_of` returns the text of a manual
/// migration whose file is unchanged, if it is known.
pub fn compare_statements<'a>(
    lock: &'a LockFile,
    after: u32,
    text_of: impl Fn(&Migration) -> Option<String>,
) -> Vec<Compared<'a>> {
    let first = lock.migrations.iter().position(|migration| migration.origin.is_some());
    let mut schema = lock.schema();
    let (mut found, mut is_known) = (Vec::new(), true);
    for (index, migration) in lock.migrations.iter().enumerate().skip(after as usize).rev() {
        let (result, judgements) = match (&migration.origin, first) {
            (Some(_), _) if !is_known => (Comparison::Unrecorded, Vec::new()),
            (Some(origin), _) => {
                let new = schema.clone();
                origin.undo(&mut schema);
                let text = text_of(migration);
                compare(migration, &schema, &new, text.as_deref())
            }
            (None, Some(first)) if first < index => {
                let problem = problem(migration, "has no record of what generated its statements");
                let problem =
                    problem.note("earlier migrations have one, and each new migration gets one");
                (Comparison::Different(Box::new(problem)), Vec::new())
            }
            (None, _) => (Comparison::Unrecorded, Vec::new()),
        };
        // The schema before it is unknown.
        is_known &= migration.origin.is_some();
        found.push(Compared { migration, result, judgements });
    }
    found.reverse();
    found
}

impl Compared<'_> {
    /// Returns the error for a migration that differs, unless `kontract.toml` accepts the statements of
    /// the version that generated them.
    pub fn problem(&self, accepted: &[String]) -> Option<Diagnostic> {
        match &self.result {
            Comparison::Different(problem) if !self.is_accepted(accepted) => {
                Some((**problem).clone())
            }
            _ => None,
        }
    }

    /// Whether `kontract.toml` accepts the statements of the version that generated them.
    pub fn is_accepted(&self, accepted: &[String]) -> bool {
        accepted.iter().any(|version| version == generator(self.migration))
    }
}

/// Returns the errors of all migrations that differ and are not accepted.
pub fn refuse_statements(compared: &[Compared<'_>], accepted: &[String]) -> Diagnostics {
    compared.iter().filter_map(|one| one.problem(accepted)).collect()
}

/// Returns the version that generated a migration, as `generators` of `kontract.toml` names it.
pub fn generator(migration: &Migration) -> &str {
    migration.origin.as_ref().map_or(UNRECORDED, |origin| &origin.generator)
}

/// Generates the statements of the migrations after a version again, for the schemas that the lock file
/// records: another branch has changed what was before them. `text_of` returns the text of a manual
/// migration. A migration without a record, or whose file is unknown or has mistakes, stays as it is.
pub fn generate_again(
    mut lock: LockFile,
    after: u32,
    text_of: impl Fn(&Migration) -> Option<String>,
) -> LockFile {
    let mut new = lock.schema();
    for migration in lock.migrations.iter_mut().skip(after as usize).rev() {
        let Some(origin) = &mut migration.origin else { break };
        let mut old = new.clone();
        origin.undo(&mut old);
        let text = text_of(migration);
        let is_known = migration.manual.is_none() || text.is_some();
        if is_known
            && let Ok(Generated { migration: generated, .. }) =
                generate(migration, &old, &new, text.as_deref())
        {
            migration.sql = generated.sql;
            migration.additive = generated.additive;
            migration.origin.iter_mut().for_each(|origin| origin.generator = VERSION.to_owned());
        }
        new = old;
    }
    let mut parent = match after.checked_sub(1) {
        Some(before) => lock.migrations[before as usize].hash.clone(),
        None => String::new(),
    };
    for migration in lock.migrations.iter_mut().skip(after as usize) {
        *migration = Migration { parent, ..migration.clone() }.hashed();
        parent = migration.hash.clone();
    }
    lock
}

/// Compares a migration between two schemas. Also returns the judgements of its changes.
fn compare(
    migration: &Migration,
    old: &Schema,
    new: &Schema,
    text: Option<&str>,
) -> (Comparison, Vec<Judgement>) {
    let judgements = judge_again(migration, old, new).1;
    (compare_scripts(migration, old, new, text), judgements)
}

fn compare_scripts(
    migration: &Migration,
    old: &Schema,
    new: &Schema,
    text: Option<&str>,
) -> Comparison {
    let different = |problem: Diagnostic| Comparison::Different(Box::new(problem));
    if migration.version == 1 && !old.tables.is_empty() {
        return different(problem(migration, "does not begin with an empty database"));
    }
    if migration.manual.is_some() && text.is_none() {
        return Comparison::NoFile;
    }
    let Generated { migration: generated, forbidden } = match generate(migration, old, new, text) {
        Ok(generated) => generated,
        Err(why) => {
            let problem = problem(migration, "has a file that cannot be read any more");
            return different(problem.note(why.message));
        }
    };
    if let Some(Judgement { change, finding, .. }) = forbidden {
        let problem = problem(migration, "makes a change that needs a manual migration");
        return different(problem.note(format!("`{}`: {}", change.id(), finding.message)));
    }
    match find_difference(migration, &generated) {
        Some(notes) => {
            let problem = problem(migration, "differs from what its changes generate");
            different(notes.into_iter().fold(problem, Diagnostic::note))
        }
        None => Comparison::Equal,
    }
}

/// A migration that was generated again.
struct Generated {
    migration: Migration,
    /// A change that can only pass in a manual migration, and that none covers.
    forbidden: Option<Judgement>,
}

/// Generates the statements of a migration between two schemas. `text` is that of its manual file.
///
/// # Errors
/// A mistake in the file.
fn generate(
    migration: &Migration,
    old: &Schema,
    new: &Schema,
    text: Option<&str>,
) -> Result<Generated, Box<Diagnostic>> {
    let text = text.unwrap_or_default();
    let parsed = match &migration.manual {
        None => None,
        Some(record) => {
            let parsed = migration::parse(&record.file, text).map_err(first_mistake)?;
            Some((ManualFile { name: &migration.name, text, record }, parsed))
        }
    };
    let (changes, judgements) = judge_again(migration, old, new);
    let covers = parsed.as_ref().map(|(_, parsed)| parsed.covers.as_slice()).unwrap_or_default();
    let forbidden = judgements.iter().find(|judgement| is_forbidden(judgement, covers)).cloned();
    let mut mistakes = Diagnostics::new();
    let history = (migration.version.saturating_sub(1), migration.parent.as_str());
    let manual = parsed.as_ref().map(|(file, parsed)| (*file, parsed));
    let migration = plan_migration(history, old, &changes, &judgements, manual, &mut mistakes);
    match mistakes.into_iter().next() {
        Some(mistake) => Err(Box::new(mistake)),
        None => Ok(Generated { migration, forbidden }),
    }
}

/// Returns the changes between two schemas, with the hints of the migration, and their judgements.
fn judge_again(migration: &Migration, old: &Schema, new: &Schema) -> (Vec<Change>, Vec<Judgement>) {
    let no_hints = Intent::default();
    let intent = migration.origin.as_ref().map_or(&no_hints, |origin| &origin.hints);
    let target = Target { schema: new, intent };
    let changes = diff(old, target);
    let version = migration.version.saturating_sub(1);
    let judgements = judge(&Context::new(old, target, &changes, version));
    (changes, judgements)
}

fn first_mistake(mistakes: Vec<Diagnostic>) -> Box<Diagnostic> {
    let unknown = || Diagnostic::new(code::MIGRATION_FORM, "the file has a mistake");
    Box::new(mistakes.into_iter().next().unwrap_or_else(unknown))
}

/// Whether a change can only pass in a manual migration, whatever the levels are, and none covers it.
fn is_forbidden(judgement: &Judgement, covers: &[ChangeId]) -> bool {
    let is_covered = judgement.covers().map(Change::id).all(|id| covers.contains(&id));
    !(can_pass_by_level(judgement) || is_covered && judgement.finding.coverable)
}

/// Returns the notes that describe the first difference.
fn find_difference(sealed: &Migration, generated: &Migration) -> Option<Vec<String>> {
    let ids = |migration: &Migration| -> Vec<ChangeId> {
        migration.changes.iter().map(|record| record.change.clone()).collect()
    };
    if ids(sealed) != ids(generated) {
        let list = |ids: Vec<ChangeId>| {
            let ids: Vec<String> = ids.iter().map(|id| format!("`{id}`")).collect();
            if ids.is_empty() { "nothing".to_owned() } else { ids.join(", ") }
        };
        return Some(vec![
            format!("it lists the changes {}", list(ids(sealed))),
            format!("its tables changed by {}", list(ids(generated))),
        ]);
    }
    for dialect in Dialect::ALL {
        let (ours, theirs) = (sealed.sql.for_dialect(dialect), generated.sql.for_dialect(dialect));
        if ours != theirs {
            return Some(describe_script(dialect, ours, theirs));
        }
    }
    let is_additive = |additive: bool| if additive { "can" } else { "cannot" };
    (sealed.additive != generated.additive).then(|| {
        let (ours, theirs) = (is_additive(sealed.additive), is_additive(generated.additive));
        vec![format!("it says that older programs {ours} run beside it, and they {theirs}")]
    })
}

/// Describes the first difference of two scripts.
fn describe_script(dialect: Dialect, sealed: &Script, generated: &Script) -> Vec<String> {
    let none = Vec::new();
    let texts = |steps: &[Step]| -> Vec<String> { steps.iter().map(Step::to_text).collect() };
    let queries = |script: &Script| -> Vec<String> {
        let obstacles = script.obstacles.iter().map(|obstacle| obstacle.rows.clone());
        obstacles.chain(script.loses.clone()).collect()
    };
    let down = |script: &Script| texts(script.down.as_ref().unwrap_or(&none));
    let lists = [
        ("statement", texts(&sealed.up), texts(&generated.up)),
        ("statement of the way back", down(sealed), down(generated)),
        ("query before it runs", queries(sealed), queries(generated)),
    ];
    let on = dialect.name();
    for (what, ours, theirs) in lists {
        let length = ours.len().max(theirs.len());
        let differs = (0..length).find(|index| ours.get(*index) != theirs.get(*index));
        if let Some(index) = differs {
            let show = |text: Option<&String>| match text {
                Some(text) => format!("`{}`", shorten(text)),
                None => "nothing".to_owned(),
            };
            return vec![
                format!("on {on}, {what} {} in it: {}", index + 1, show(ours.get(index))),
                format!("generated: {}", show(theirs.get(index))),
            ];
        }
    }
    vec![format!("on {on}, the facts about its statements differ, such as the tables they create")]
}

/// Returns the start of a statement, on one line.
fn shorten(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// The error of a migration, with the version that generated it.
fn problem(migration: &Migration, what: &str) -> Diagnostic {
    let Migration { version, name, .. } = migration;
    let message = format!("migration {version} `{name}` {what}");
    let problem = Diagnostic::new(code::STATEMENTS_DIFFER, message);
    let generator = generator(migration);
    let accept = format!("write `generators = [\"{generator}\"]` into kontract.toml");
    if generator == VERSION || generator == UNRECORDED {
        return problem
            .help("restore the lock file, `git checkout REV -- kontract.lock.json`, and seal again")
            .help(format!("or review each statement of that version, and {accept}"));
    }
    problem
        .note(format!("Kontract {generator} generated it, and this is Kontract {VERSION}"))
        .help(format!(
            "if it was released, {accept}: the statements of that version are then taken as they are"
        ))
        .help("otherwise restore the lock file from before it, and seal again")
}

#[cfg(test)]
mod tests;
