//! Decides the next step: takes the history of a database and a target, returns one step. Pure.

#[cfg(test)]
mod tests;

use kontract_schema::code;
use kontract_schema::dialect::{self, Dialect};
use kontract_schema::lock::{Migration, Step as Statement};

use super::failure::failure;
use super::history::{Applied, Reversal, State, is_unfinished};
use super::resolution::Resolution;
use super::statements;
use super::step::Step;
use super::target::{Drafts, Goal, Target};
use super::undo::Undo;
use crate::error::{Error, Result};

/// Returns the next step to the target, or `None` if the database is at the target.
///
/// # Errors
/// The program cannot continue from this history: K0420 (newer), K0421 (another branch), K0422
/// (damaged), K0424, K0440, K0442, K0443.
pub(super) fn decide(
    target: &Target,
    dialect: Dialect,
    history: &[Applied],
) -> Result<Option<Step>> {
    if let Some(before) = before_newer(target, history) {
        return check_chain(target, before).map(|()| None);
    }
    let (last, sealed) = match history.split_last() {
        Some((last, rest)) if last.state != State::Done => (Some(last), rest),
        _ => (None, history),
    };
    check_chain(target, sealed)?;
    match target.goal {
        Goal::Up { .. } => decide_up(target, dialect, sealed, last),
        Goal::Down { to, lose } => decide_down(target, dialect, sealed, last, to, lose),
        Goal::Adopt { version } => decide_adopt(target, sealed, last, version),
        Goal::AdoptHistory => {
            let former = target.former.clone().filter(|_| history.is_empty());
            Ok(former.map(Step::AdoptHistory))
        }
        Goal::Resolve(how) => decide_resolve(target, dialect, sealed, last, how),
    }
}

fn decide_up(
    target: &Target,
    dialect: Dialect,
    sealed: &[Applied],
    last: Option<&Applied>,
) -> Result<Option<Step>> {
    match last {
        Some(draft) if draft.state == State::Draft => {
            return decide_after_draft(target, dialect, draft, sealed.len());
        }
        Some(running) => return resume(target, dialect, running, sealed.len()).map(Some),
        None => {}
    }
    let (migrations, end) = (&target.lock.migrations, target.end());
    let is_manual = |migration: &Migration| migration.manual.is_some();
    // Manual migrations may write rows, so a history with one runs migration by migration.
    if sealed.is_empty() && end > 0 && end == migrations.len() && !migrations.iter().any(is_manual)
    {
        let schema = target.lock.schema();
        let statements = dialect::create_schema(dialect, &schema).into_iter();
        return Ok(Some(Step::Create(statements.map(Statement::new).collect())));
    }
    if sealed.len() < end {
        let index = sealed.len();
        let up = &migrations[index].sql.for_dialect(dialect).up;
        let is_one_transaction = statements::is_one_transaction(up);
        return Ok(Some(if is_one_transaction {
            Step::Apply { index: Some(index) }
        } else {
            Step::Continue { index, done: 0, started: false }
        }));
    }
    Ok(target.draft().map(|_| Step::Apply { index: None }))
}

/// Decides the step if the draft is in the database.
fn decide_after_draft(
    target: &Target,
    dialect: Dialect,
    row: &Applied,
    sealed: usize,
) -> Result<Option<Step>> {
    let stays =
        matches!(target.goal, Goal::Up { until: None, drafts: Drafts::Apply | Drafts::Keep });
    let draft = target.lock.draft.as_ref().filter(|_| stays);
    if sealed == target.lock.migrations.len() && draft.is_some_and(|d| d.hash == row.hash) {
        return Ok(None);
    }
    let migration = target.lock.migrations.get(sealed);
    if migration.is_some_and(|migration| is_sealed_draft(migration, &row.hash)) {
        return Ok(Some(Step::Seal { index: sealed }));
    }
    let reversal = row.reversal(dialect)?;
    Ok(Some(Step::Reverse { version: row.version, is_draft: true, reversal }))
}

/// Returns whether a migration is the sealed draft of that hash: it has a name, and nothing else
/// changed.
fn is_sealed_draft(migration: &Migration, draft: &str) -> bool {
    migration.draft_hashes().iter().any(|hash| hash == draft)
}

/// Takes back the newest migration or a newer draft, if all migrations down to the target can be taken
/// back.
fn decide_down(
    target: &Target,
    dialect: Dialect,
    sealed: &[Applied],
    last: Option<&Applied>,
    to: u32,
    lose: bool,
) -> Result<Option<Step>> {
    let is_draft = last.is_some_and(|row| row.state == State::Draft);
    if let Some(running) = last.filter(|_| !is_draft) {
        return Err(is_unfinished(running));
    }
    let beyond = target.lock.migrations.iter().take(sealed.len()).skip(to as usize);
    let has_no_way = |one: &&Migration| one.sql.for_dialect(dialect).down.is_none();
    let blocking: Vec<&Migration> = beyond.rev().filter(has_no_way).collect();
    if !blocking.is_empty() {
        return Err(has_no_way_back(&blocking, sealed.len()));
    }
    let (version, mut reversal) = match (last, sealed.last()) {
        (Some(draft), _) => (draft.version, draft.reversal(dialect)?),
        (None, Some(row)) if row.version > to => {
            let script = target.lock.migrations[sealed.len() - 1].sql.for_dialect(dialect);
            let statements = script.down.clone().unwrap_or_default();
            let (loses, taken) = (script.loses.clone(), script.up.clone());
            (row.version, Reversal { statements, loses, taken, rust: None })
        }
        _ => return Ok(None),
    };
    if lose {
        reversal.loses.clear();
    }
    Ok(Some(Step::Reverse { version, is_draft, reversal }))
}

/// Returns the error for migrations that cannot be taken back, newest first. `newest` is the version of the
/// database.
fn has_no_way_back(blocking: &[&Migration], newest: usize) -> Error {
    let title = |migration: &&Migration| format!("{} `{}`", migration.version, migration.name);
    let (names, version) = (blocking.iter().map(title), blocking[0].version);
    let what = match names.collect::<Vec<_>>().as_slice() {
        [name] => format!("migration {name} has no way back"),
        names => format!("the migrations {} have no way back", names.join(", ")),
    };
    let write = "write a new migration that undoes it; a manual migration may have a section `-- down`, one in Rust a `down`";
    if version as usize == newest {
        return failure(code::NO_WAY_BACK, format!("{what}; nothing was taken back"))
            .with_help(write);
    }
    failure(code::NO_WAY_BACK, format!("{what}; nothing was taken back"))
        .with_help(format!("`kontract migrate down --to {version}` takes back the migrations after it; to undo it too, {write}"))
}

/// Decides the step if the tables exist and the history does not.
fn decide_adopt(
    target: &Target,
    sealed: &[Applied],
    last: Option<&Applied>,
    version: u32,
) -> Result<Option<Step>> {
    if let Some(row) = last {
        return Err(is_unfinished(row));
    }
    let to = target.lock.migrations.len().min(version as usize);
    Ok((sealed.len() < to).then_some(Step::Adopt { from: sealed.len(), to }))
}

/// Decides the step for an interrupted migration, as the user chose.
fn decide_resolve(
    target: &Target,
    dialect: Dialect,
    sealed: &[Applied],
    last: Option<&Applied>,
    how: Resolution,
) -> Result<Option<Step>> {
    let index = sealed.len();
    let is_started = |row: &&Applied| row.state == State::Started;
    let is_unfinished = |row: &&Applied| is_started(row) || row.state == State::Running;
    let Some(row) = last.filter(is_unfinished) else { return Ok(None) };
    let statement = |done: usize| -> Result<Option<Step>> {
        if !is_started(&row) {
            return Ok(None);
        }
        resume(target, dialect, row, index)?;
        Ok(Some(Step::ResolveStatement { index, done }))
    };
    match how {
        Resolution::StatementDone => statement(row.step + 1),
        Resolution::StatementAgain => statement(row.step),
        Resolution::Applied if target.lock.migrations.len() <= index => {
            Err(is_newer(target, row.version))
        }
        Resolution::Applied => Ok(Some(Step::ResolveApplied { index })),
        Resolution::RolledBack { by_hand, lose } => {
            Undo::plan(dialect, row, by_hand, lose).map(|undo| Some(Step::Undo(undo)))
        }
    }
}

/// Continues an interrupted migration. Where the program has another one of that version, it goes on
/// with it if everything that was done or started is a part of that one too.
fn resume(target: &Target, dialect: Dialect, row: &Applied, index: usize) -> Result<Step> {
    let Some(migration) = target.lock.migrations.get(index) else {
        return Err(is_newer(target, row.version));
    };
    let is_same = row.version == migration.version && row.hash == migration.hash;
    let started = row.state == State::Started;
    let up = &migration.sql.for_dialect(dialect).up;
    if !is_same && !begins_alike(dialect, row, up) {
        let (version, name, step) = (row.version, &row.name, row.step);
        let what = format!(
            "migration {version} `{name}` was interrupted after statement {step}, and this program has another migration {version}"
        );
        return Err(failure(code::BROKEN_OFF_DIFFERS, what).with_help("`kontract migrate resolve` shows what it did, and `kontract migrate resolve --rolled-back` undoes it; or finish it with the program that started it"));
    }
    if !is_same && row.step == 0 && !started && statements::is_one_transaction(up) {
        return Ok(Step::Apply { index: Some(index) });
    }
    Ok(Step::Continue { index, done: row.step, started })
}

/// Whether the statements of an interrupted migration that are done or started are the first of these.
fn begins_alike(dialect: Dialect, row: &Applied, up: &[Statement]) -> bool {
    let Some(begun) = row.begun(dialect) else { return false };
    let started = row.step + usize::from(row.state == State::Started);
    let (Some(old), Some(new)) = (begun.up.get(..started), up.get(..started)) else { return false };
    old.iter().zip(new).all(|(old, new)| old.to_text() == new.to_text())
}

/// Returns the history without the migrations of a newer program, if this program may run beside
/// it. In this case it does not migrate.
fn before_newer<'a>(target: &Target, history: &'a [Applied]) -> Option<&'a [Applied]> {
    let starts = match target.goal {
        Goal::Up { until: None, drafts: Drafts::Apply } => target.lock.draft.is_none(),
        Goal::Up { until: None, drafts: Drafts::Revert } => true,
        _ => false,
    };
    let (before, newer) = history.split_at_checked(target.lock.migrations.len())?;
    let is_harmless = newer.iter().all(|row| row.additive && row.state != State::Draft);
    (starts && !newer.is_empty() && is_harmless).then_some(before)
}

/// Checks that the history is the beginning of the lock file's.
fn check_chain(target: &Target, sealed: &[Applied]) -> Result<()> {
    for (row, version) in sealed.iter().zip(1..) {
        if row.version != version || row.state != State::Done {
            let what = format!("the history in the database has no migration {version}");
            return Err(failure(code::HISTORY_DAMAGED, what).with_help(
                "rows of `_kontract_migrations` were deleted or changed; restore them",
            ));
        }
        let Some(migration) = target.lock.migrations.get(version as usize - 1) else {
            return Err(is_newer(target, sealed.len() as u32));
        };
        if migration.hash != row.hash {
            let what = format!(
                "migration {version} of the database, `{}`, is not migration {version} of this program, `{}`",
                row.name, migration.name
            );
            let help = format!(
                "another branch, which sealed a different migration {version}, migrated this database: merge that branch and run `kontract rebase`, or use another database for this branch"
            );
            return Err(failure(code::DATABASE_DIVERGED, what).with_help(help));
        }
    }
    Ok(())
}

fn is_newer(target: &Target, version: u32) -> Error {
    let known = target.lock.version;
    let what =
        format!("the database is at version {version}, this program knows up to version {known}");
    failure(code::DATABASE_NEWER, what)
        .with_help("run the newer program that migrated the database")
}
