//! Runs something on a database through the runner that a program uses when it starts.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use kontract_runtime::manage::{Direction, Migrator, Options, Planned};
use kontract_runtime::{Error, Kind, Result as RuntimeResult};
use kontract_schema::code;
use serde_json::json;

use super::target::Target;
use crate::args::Global;
use crate::command::Answer;
use crate::database::block_on;
use crate::failure::Failure;
use crate::show::{self, say};

/// From this number of steps on, a progress bar is shown.
const STEPS_WITH_BAR: usize = 10;

/// Runs work on the database and prints what it did. With a direction, it shows a progress bar.
///
/// # Errors
/// The database cannot be reached.
pub fn run_work(
    global: &Global,
    target: &Target,
    bar: Option<Direction>,
    work: impl AsyncFnOnce(&Migrator) -> RuntimeResult<Vec<String>>,
) -> Result<Answer, Failure> {
    if target.refuse_broken_history(global) {
        return Ok(Answer::No);
    }
    let done = block_on(async {
        let bar = match bar.filter(|_| !global.json) {
            Some(direction) => progress_bar(target, direction).await,
            None => ProgressBar::hidden(),
        };
        let listener = {
            let bar = bar.clone();
            move |step: &str| {
                bar.set_message(step.to_owned());
                bar.inc(1);
            }
        };
        let migrator = target.migrator(Options::from_env()?.listener(listener))?;
        let done = work(&migrator).await;
        migrator.close().await;
        bar.finish_and_clear();
        split_refusal(done)
    })?;
    let name = &target.name;
    let done = match done {
        Ok(done) => done,
        Err(refusal) => {
            show::failure(&refusal, global.json);
            return Ok(Answer::No);
        }
    };
    if global.json {
        show::json(&json!({"package": name, "done": done}));
    } else if done.is_empty() {
        say!("{name}: nothing to do");
    } else {
        say!("{name}: done:");
        done.iter().for_each(|what| say!("  {what}"));
    }
    Ok(Answer::Yes)
}

/// Prints the statements that would run.
///
/// # Errors
/// The database cannot be reached.
pub fn print_plan(
    global: &Global,
    target: &Target,
    direction: Direction,
) -> Result<Answer, Failure> {
    print_planned(global, target, async |migrator| migrator.plan(direction).await)
}

/// Prints the steps that `plan` returns.
///
/// # Errors
/// The database cannot be reached.
pub fn print_planned(
    global: &Global,
    target: &Target,
    plan: impl AsyncFnOnce(&Migrator) -> RuntimeResult<Vec<Planned>>,
) -> Result<Answer, Failure> {
    if target.refuse_broken_history(global) {
        return Ok(Answer::No);
    }
    let planned = block_on(async {
        let migrator = target.migrator(Options::from_env()?)?;
        let planned = plan(&migrator).await;
        migrator.close().await;
        split_refusal(planned)
    })?;
    let planned: Vec<Planned> = match planned {
        Ok(planned) => planned,
        Err(refusal) => {
            show::failure(&refusal, global.json);
            return Ok(Answer::No);
        }
    };
    let name = &target.name;
    if global.json {
        let steps = planned.iter();
        let steps = steps.map(|step| json!({"what": step.what, "statements": step.statements}));
        show::json(&json!({"package": name, "plan": steps.collect::<Vec<_>>()}));
        return Ok(Answer::Yes);
    }
    if planned.is_empty() {
        say!("-- {name}: nothing to do");
    }
    for step in &planned {
        say!("-- {name}, {}", step.what);
        step.statements.iter().for_each(|statement| say!("{statement};"));
        say!("");
    }
    Ok(Answer::Yes)
}

/// Separates what the runner refuses, which is an answer (the inner error), from failures.
///
/// # Errors
/// The runner could not work, or another runner holds the lock.
pub fn split_refusal<T>(result: RuntimeResult<T>) -> Result<Result<T, Failure>, Failure> {
    let is_refusal = |error: &Error| {
        *error.kind() == Kind::Migration && error.code() != Some(code::MIGRATION_LOCKED.as_str())
    };
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(error) if is_refusal(&error) => Ok(Err(error.into())),
        Err(error) => Err(error.into()),
    }
}

/// A progress bar, which is hidden for few steps or without a terminal.
async fn progress_bar(target: &Target, direction: Direction) -> ProgressBar {
    let drawn = ProgressDrawTarget::stderr();
    if drawn.is_hidden() {
        return ProgressBar::hidden();
    }
    let steps = match Options::from_env().and_then(|options| target.migrator(options)) {
        Err(_) => 0,
        Ok(migrator) => {
            // The run itself reports errors.
            let planned = migrator.plan(direction).await;
            migrator.close().await;
            planned.map_or(0, |planned| planned.len())
        }
    };
    if steps < STEPS_WITH_BAR {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(Some(steps as u64), drawn);
    match ProgressStyle::with_template("{bar:30} {pos}/{len} {wide_msg}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
