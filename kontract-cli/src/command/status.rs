//! `kontract migrate status`: what a database has of the migrations. Reads, and writes nowhere.

use kontract_runtime::manage::{Entry, EntryState, Options, Status as Found};
use serde_json::{Value, json};

use super::migrate::{self, Target};
use crate::Answer;
use crate::args::{Global, Status};
use crate::database::block_on;
use crate::failure::Failure;
use crate::show::{self, say};

pub fn run(global: &Global, _: &Status) -> Result<Answer, Failure> {
    let target = migrate::target(global)?;
    let found = block_on(async {
        let migrator = target.migrator(Options::from_env()?)?;
        let found = migrator.status().await;
        migrator.close().await;
        Ok(found?)
    })?;
    match global.json {
        true => show::json(&as_json(&target, &found)),
        false => as_text(&target, &found),
    }
    show::problems(&target.problems);
    let fine = |entry: &Entry| matches!(entry.state, EntryState::Applied | EntryState::Draft);
    let drifts = found.drift.as_ref().is_some_and(|lines| !lines.is_empty());
    let is_fine = found.migrations.iter().all(fine) && !drifts && target.problems.is_empty();
    Ok(if is_fine { Answer::Yes } else { Answer::No })
}

fn word(state: &EntryState) -> &'static str {
    match state {
        EntryState::Applied => "applied",
        EntryState::Pending => "pending",
        EntryState::Running { .. } => "running",
        EntryState::Draft => "draft",
        EntryState::Differs => "differs",
        EntryState::Unknown => "unknown",
    }
}

/// What there is to know beside the word.
fn more(entry: &Entry) -> String {
    match &entry.state {
        EntryState::Applied => entry.applied_at.map(|at| at.to_string()).unwrap_or_default(),
        EntryState::Pending => String::new(),
        EntryState::Draft => "taken in, and not sealed".to_owned(),
        EntryState::Running { done, of, started: None } => {
            format!("{done} of {of} statements are done: broken off, or at work just now")
        }
        EntryState::Running { done, of, started: Some(_) } => {
            format!("{done} of {of} statements are done, and the next one was begun")
        }
        EntryState::Differs => "the lock file has another one of this number".to_owned(),
        EntryState::Unknown => "the lock file does not have it".to_owned(),
    }
}

fn as_text(target: &Target, found: &Found) {
    let (name, version) = (&target.name, target.lock.version);
    let applied = found.migrations.iter().filter(|entry| entry.state == EntryState::Applied);
    match version {
        0 => say!("{name}: nothing is sealed yet"),
        _ => say!(
            "{name}: {} of {} applied",
            applied.count(),
            show::count(version as usize, "migration")
        ),
    }
    let name = |entry: &Entry| match entry.name.is_empty() {
        true => "(draft)".to_owned(),
        false => entry.name.clone(),
    };
    let width = found.migrations.iter().map(|entry| name(entry).chars().count()).max();
    let width = width.unwrap_or_default();
    for entry in &found.migrations {
        let line = format!(
            "  {:>4}  {:width$}  {:<7}  {}",
            entry.version,
            name(entry),
            word(&entry.state),
            more(entry)
        );
        say!("{}", line.trim_end());
        if let EntryState::Running { started: Some(statement), .. } = &entry.state {
            say!("        {}", statement.replace('\n', "\n        "));
            say!("        look whether it took effect: `kontract migrate repair --help`");
        }
    }
    if let Some(differences @ [_, ..]) = found.drift.as_deref() {
        say!("the tables are not as the lock file says:");
        differences.iter().for_each(|difference| say!("  {difference}"));
    }
}

fn as_json(target: &Target, found: &Found) -> Value {
    let entry = |entry: &Entry| {
        let mut value = json!({
            "version": entry.version,
            "name": entry.name,
            "state": word(&entry.state),
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
