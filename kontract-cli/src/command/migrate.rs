//! `kontract migrate up | down | redo | baseline | repair`: the runner of a program's start, asked
//! for something else.

use std::path::PathBuf;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use kontract_build::project::Problem;
use kontract_runtime::manage::{Direction, Migrator, Options, Planned, Repair as How};
use kontract_runtime::{Error, Kind, Result as Ran};
use kontract_schema::code;
use kontract_schema::lock::LockFile;
use serde_json::json;

use crate::Answer;
use crate::args::{Baseline, Down, Global, Redo, Repair, Up};
use crate::database::{block_on, url};
use crate::failure::Failure;
use crate::package;
use crate::show::{self, say};

/// From so many steps on a bar shows how far it is.
const MANY: usize = 10;

/// A package with its sealed history, and the database that is meant.
pub struct Target {
    pub name: String,
    /// Its directory.
    pub dir: PathBuf,
    pub lock: LockFile,
    pub url: String,
    /// What the history on the disk lacks.
    pub problems: Vec<Problem>,
    /// Whether the source has changes that are not sealed.
    pub unsealed: bool,
    /// Whether nothing stands in their way.
    pub draft_passes: bool,
}

/// What the arguments mean.
///
/// # Errors
/// The package or its lock file cannot be read, or no database is named.
pub fn target(global: &Global) -> Result<Target, Failure> {
    let (package, project) = package::open(global)?;
    let look = project.look()?;
    // A draft that the database has taken in stays where it is still the one of the source.
    let draft = look.gate.as_ref().and_then(|gate| gate.draft.clone());
    let draft = draft.or(look.lock.draft.clone());
    let of_history = |problem: &Problem| {
        [code::MIGRATION_MISSING, code::MIGRATION_EDITED].contains(&problem.diagnostic.code)
    };
    Ok(Target {
        name: package.name().to_owned(),
        dir: package.dir(),
        draft_passes: look.problems.is_empty(),
        unsealed: look.gate.as_ref().is_none_or(|gate| !gate.changes.is_empty()),
        lock: LockFile { draft, ..look.lock },
        url: url(global)?.to_owned(),
        problems: look.problems.into_iter().filter(of_history).collect(),
    })
}

impl Target {
    /// The runner for it.
    ///
    /// # Errors
    /// The address or a variable cannot be understood.
    pub fn migrator(&self, options: Options) -> Ran<Migrator> {
        Migrator::new(&self.url, &self.name, self.lock.clone(), options)
    }
}

pub fn up(global: &Global, options: &Up) -> Result<Answer, Failure> {
    let target = target(global)?;
    if target.unsealed {
        show::tell!("note: the source has changes that are not sealed; they are not run");
    }
    if options.dry_run {
        return planned(global, &target, Direction::Up(options.to));
    }
    let bar = Some(Direction::Up(options.to));
    changed(global, &target, bar, async |migrator| migrator.up(options.to).await)
}

pub fn down(global: &Global, options: &Down) -> Result<Answer, Failure> {
    let target = target(global)?;
    if options.dry_run {
        return planned(global, &target, Direction::Down(options.to));
    }
    let bar = Some(Direction::Down(options.to));
    let lose = options.accept_data_loss;
    changed(global, &target, bar, async |migrator| migrator.down(options.to, lose).await)
}

pub fn redo(global: &Global, options: &Redo) -> Result<Answer, Failure> {
    let lose = options.accept_data_loss;
    changed(global, &target(global)?, None, async |migrator| migrator.redo(lose).await)
}

pub fn baseline(global: &Global, options: &Baseline) -> Result<Answer, Failure> {
    let target = target(global)?;
    let version = options.version.unwrap_or(target.lock.version);
    changed(global, &target, None, async |migrator| migrator.baseline(version).await)
}

pub fn repair(global: &Global, options: &Repair) -> Result<Answer, Failure> {
    let how = if options.done { How::Done } else { How::Again };
    changed(global, &target(global)?, None, async |migrator| migrator.repair(how).await)
}

/// Runs something, and says what was done.
fn changed(
    global: &Global,
    target: &Target,
    bar: Option<Direction>,
    work: impl AsyncFnOnce(&Migrator) -> Ran<Vec<String>>,
) -> Result<Answer, Failure> {
    if refuses(global, target) {
        return Ok(Answer::No);
    }
    let done = block_on(async {
        let bar = match bar.filter(|_| !global.json) {
            Some(direction) => progress(target, direction).await,
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
        answered(done)
    })?;
    let name = &target.name;
    let done = match done {
        Ok(done) => done,
        Err(refusal) => {
            show::failure(&refusal, global.json);
            return Ok(Answer::No);
        }
    };
    match global.json {
        true => show::json(&json!({"package": name, "done": done})),
        false if done.is_empty() => say!("{name}: nothing to do"),
        false => {
            say!("{name}: done:");
            done.iter().for_each(|what| say!("  {what}"));
        }
    }
    Ok(Answer::Yes)
}

/// Shows what would be run.
fn planned(global: &Global, target: &Target, direction: Direction) -> Result<Answer, Failure> {
    if refuses(global, target) {
        return Ok(Answer::No);
    }
    let planned = block_on(async {
        let migrator = target.migrator(Options::from_env()?)?;
        let planned = migrator.plan(direction).await;
        migrator.close().await;
        answered(planned)
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

/// A history whose files are gone or others is not gone on with.
pub fn refuses(global: &Global, target: &Target) -> bool {
    if target.problems.is_empty() {
        return false;
    }
    if global.json {
        let problems = show::problems_json(&target.problems);
        show::json(&json!({"package": target.name, "problems": problems}));
    }
    show::problems(&target.problems);
    true
}

/// What the runner refuses is an answer; that it cannot work is none.
pub fn answered<T>(result: Ran<T>) -> Result<Result<T, Failure>, Failure> {
    let refused = |error: &Error| {
        // Somebody else is at work on the database.
        *error.kind() == Kind::Migration && error.code() != Some("K0426")
    };
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(error) if refused(&error) => Ok(Err(error.into())),
        Err(error) => Err(error.into()),
    }
}

/// A bar for many steps, where somebody looks at it.
async fn progress(target: &Target, direction: Direction) -> ProgressBar {
    let drawn = ProgressDrawTarget::stderr();
    if drawn.is_hidden() {
        return ProgressBar::hidden();
    }
    let steps = match Options::from_env().and_then(|options| target.migrator(options)) {
        Err(_) => 0,
        Ok(migrator) => {
            // Whatever is wrong, the run itself says.
            let planned = migrator.plan(direction).await;
            migrator.close().await;
            planned.map_or(0, |planned| planned.len())
        }
    };
    if steps < MANY {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(Some(steps as u64), drawn);
    match ProgressStyle::with_template("{bar:30} {pos}/{len} {wide_msg}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
