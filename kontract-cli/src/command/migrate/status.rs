//! `kontract migrate status`: shows the state of the migrations in a database. It only reads.

use clap::Args;
use kontract_runtime::manage::{Entry, EntryState, Options, Status as Found};
use serde_json::{Value, json};

use super::target::Target;
use crate::args::Global;
use crate::command::Answer;
use crate::database::block_on;
use crate::failure::Failure;
use crate::show::{self, say};

/// Show which migrations a database has applied
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  kontract migrate status --database-url sqlite:app.db
  DATABASE_URL=postgres://app@db/app kontract migrate status --json

The command only reads: a read-only role is enough. Status 1 if the database differs from the lock
file: a migration is pending, interrupted, unknown or different, or a table differs.")]
pub struct Status {}

impl Status {
    pub fn run(&self, global: &Global) -> Result<Answer, Failure> {
        let target = Target::read(global)?;
        let found = block_on(async {
            let migrator = target.migrator(Options::from_env()?)?;
            let found = migrator.status().await;
            migrator.close().await;
            Ok(found?)
        })?;
        if global.json {
            show::json(&as_json(&target, &found));
        } else {
            print(&target, &found);
        }
        show::problems(&target.problems);
        let is_applied =
            |entry: &Entry| matches!(entry.state, EntryState::Applied | EntryState::Draft);
        let drifts = found.drift.as_ref().is_some_and(|lines| !lines.is_empty());
        let all_applied = found.migrations.iter().all(is_applied);
        Ok(Answer::yes_if(all_applied && !drifts && target.problems.is_empty()))
    }
}

/// The state in one word.
fn state_word(state: &EntryState) -> &'static str {
    match state {
        EntryState::Applied => "applied",
        EntryState::Pending => "pending",
        EntryState::Running { .. } => "running",
        EntryState::Draft => "draft",
        EntryState::Differs => "differs",
        EntryState::Unknown => "unknown",
    }
}

/// The details of the state.
fn state_details(entry: &Entry) -> String {
    match &entry.state {
        EntryState::Applied => entry.applied_at.map(|at| at.to_string()).unwrap_or_default(),
        EntryState::Pending => String::new(),
        EntryState::Draft => "applied, not sealed".to_owned(),
        EntryState::Running { done, of, started: None } => {
            format!(
                "{done} of {of} statements are done: interrupted, or still running; `kontract migrate up` goes on"
            )
        }
        EntryState::Running { done, of, started: Some(_) } => {
            format!("{done} of {of} statements are done, and the next one was started")
        }
        EntryState::Differs => "the lock file has another migration with this number".to_owned(),
        EntryState::Unknown => "not in the lock file".to_owned(),
    }
}

fn print(target: &Target, found: &Found) {
    let (name, version) = (&target.name, target.lock.version);
    let applied = found.migrations.iter().filter(|entry| entry.state == EntryState::Applied);
    if version == 0 {
        say!("{name}: nothing is sealed yet");
    } else {
        let all = show::count(version as usize, "migration");
        say!("{name}: {} of {all} applied", applied.count());
    }
    let widths = found.migrations.iter().map(|entry| shown_name(entry).chars().count());
    let width = widths.max();
    let width = width.unwrap_or_default();
    for entry in &found.migrations {
        let line = format!(
            "  {:>4}  {:width$}  {:<7}  {}",
            entry.version,
            shown_name(entry),
            state_word(&entry.state),
            state_details(entry)
        );
        say!("{}", line.trim_end());
        if let EntryState::Running { started: Some(statement), .. } = &entry.state {
            say!("        {}", statement.replace('\n', "\n        "));
            say!("        check whether it took effect: `kontract migrate resolve`");
        }
    }
    if let Some(differences @ [_, ..]) = found.drift.as_deref() {
        say!("the tables differ from the lock file:");
        differences.iter().for_each(|difference| say!("  {difference}"));
    }
}

/// The name of a migration; `(draft)` for the draft, which has none.
fn shown_name(entry: &Entry) -> &str {
    if entry.name.is_empty() { "(draft)" } else { &entry.name }
}

fn as_json(target: &Target, found: &Found) -> Value {
    let entry = |entry: &Entry| {
        let mut value = json!({
            "version": entry.version,
            "name": entry.name,
            "state": state_word(&entry.state),
            "applied_at": entry.applied_at.map(|at| at.as_millis()),
        });
        if let EntryState::Running { done, of, started } = &entry.state {
            value["statements_done"] = json!(done);
            value["statements"] = json!(of);
            value["started"] = json!(started);
        }
        value
    };
    json!({
        "package": target.name,
        "version": target.lock.version,
        "migrations": found.migrations.iter().map(entry).collect::<Vec<_>>(),
        "drift": found.drift,
        "problems": show::problems_json(&target.problems),
    })
}
