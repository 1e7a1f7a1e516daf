//! `kontract migrate resolve`: shows what an interrupted migration did, and resolves it.

use clap::Args;
use kontract_runtime::manage::{Options, Progress, Resolution, Unfinished};
use serde_json::{Value, json};

use super::runner;
use super::target::Target;
use crate::args::Global;
use crate::command::Answer;
use crate::database::block_on;
use crate::failure::Failure;
use crate::show::{self, say};

/// Show what an interrupted migration did, undo it, or record it as applied
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  kontract migrate resolve                  show what was done; change nothing
  kontract migrate resolve --rolled-back    undo what was done: the migration counts as not run
  kontract migrate resolve --applied        the migration was finished by hand: record it
  kontract migrate resolve --done           the interrupted statement took effect
  kontract migrate resolve --again          it did not, or it can run twice without harm

Most interrupted migrations need none of this: `kontract migrate up` goes on after the last
statement that is done. `--rolled-back` runs the way back of the migration in one transaction and
compares the tables with those before the migration; if something is left, it changes nothing and
names it. `--applied` compares the tables with those after it. After `--done` or `--again`,
`kontract migrate up` goes on. Status 1 if a migration is unfinished, or if it was not resolved.")]
pub struct Resolve {
    /// Record the migration as applied; the tables are compared first
    #[arg(long, group = "resolution")]
    applied: bool,
    /// Undo what is done, and record the migration as not run
    #[arg(long, group = "resolution")]
    rolled_back: bool,
    /// What it did was undone by hand: only compare the tables
    #[arg(long, requires = "rolled_back")]
    by_hand: bool,
    /// Undo it even if rows or values are lost
    #[arg(long, requires = "rolled_back")]
    accept_data_loss: bool,
    /// The interrupted statement took effect: continue after it
    #[arg(long, group = "resolution")]
    done: bool,
    /// The interrupted statement did not take effect, or can run twice without harm: run it again
    #[arg(long, group = "resolution")]
    again: bool,
}

impl Resolve {
    pub fn run(&self, global: &Global) -> Result<Answer, Failure> {
        let target = Target::read(global)?;
        let Some(resolution) = self.resolution() else { return show_unfinished(global, &target) };
        let answer = runner::run_work(global, &target, None, async |migrator| {
            migrator.resolve(resolution).await
        })?;
        if answer == Answer::Yes && !global.json && resolution != Resolution::Applied {
            say!("{}", next_step(resolution));
        }
        Ok(answer)
    }

    /// The resolution that the arguments name.
    fn resolution(&self) -> Option<Resolution> {
        let rolled_back =
            Resolution::RolledBack { by_hand: self.by_hand, lose: self.accept_data_loss };
        let choices = [
            (self.applied, Resolution::Applied),
            (self.rolled_back, rolled_back),
            (self.done, Resolution::StatementDone),
            (self.again, Resolution::StatementAgain),
        ];
        choices.into_iter().find(|(is_given, _)| *is_given).map(|(_, resolution)| resolution)
    }
}

fn next_step(resolution: Resolution) -> &'static str {
    match resolution {
        Resolution::RolledBack { .. } => "`kontract migrate up` runs the migration again",
        _ => "`kontract migrate up` goes on with the migration",
    }
}

fn show_unfinished(global: &Global, target: &Target) -> Result<Answer, Failure> {
    let found = block_on(async {
        let migrator = target.migrator(Options::from_env()?)?;
        let found = migrator.unfinished().await;
        migrator.close().await;
        Ok(found?)
    })?;
    if global.json {
        let unfinished = found.as_ref().map(as_json);
        show::json(&json!({"package": target.name, "unfinished": unfinished}));
    } else if let Some(unfinished) = &found {
        print(&target.name, unfinished);
    } else {
        say!("{}: no migration is unfinished", target.name);
        say!(
            "a migration that failed as one transaction was rolled back: fix the cause, then `kontract migrate up`"
        );
    }
    Ok(Answer::yes_if(found.is_none()))
}

fn print(package: &str, unfinished: &Unfinished) {
    let Unfinished { version, name, statements, is_sealed, has_way_back, .. } = unfinished;
    say!("{package}: migration {version} `{name}` was interrupted, or is running");
    if statements.is_empty() {
        say!("  its statements are not known: the lock file has another migration {version}");
    }
    for ((progress, statement), number) in statements.iter().zip(1..) {
        say!(
            "{number:>4}  {:<8}  {}",
            progress_word(*progress),
            statement.replace('\n', "\n                ")
        );
    }
    match unfinished.since_before.as_deref() {
        None => say!("the tables before it were not recorded"),
        Some([]) => say!("the tables are as before it"),
        Some(changes) => {
            say!("changed since it began:");
            changes.iter().for_each(|change| say!("  {change}"));
        }
    }
    match unfinished.until_after.as_deref() {
        None => say!("the lock file has no migration {version}"),
        Some([]) => say!("the tables are as after it"),
        Some(missing) => {
            say!("to be done until the tables are as after it:");
            missing.iter().for_each(|difference| say!("  {difference}"));
        }
    }
    let is_unclear = statements.iter().any(|(progress, _)| *progress == Progress::Unclear);
    if is_unclear {
        say!(
            "`kontract migrate resolve --done` goes on after the statement that is unclear: it took effect"
        );
        say!("`kontract migrate resolve --again` runs it again: it did not take effect");
    } else if *is_sealed {
        say!("`kontract migrate up` goes on with it");
    } else {
        say!(
            "`kontract migrate up` goes on with the lock file's migration {version} if it begins with the statements that are done"
        );
    }
    let back = if *has_way_back { "undoes it" } else { "records that it was undone by hand" };
    say!("`kontract migrate resolve --rolled-back` {back}");
    say!("`kontract migrate resolve --applied` records that it was finished by hand");
}

/// What is known of a statement, in one word.
fn progress_word(progress: Progress) -> &'static str {
    match progress {
        Progress::Done => "done",
        Progress::Started => "started",
        Progress::Unclear => "unclear",
        Progress::Pending => "pending",
    }
}

fn as_json(unfinished: &Unfinished) -> Value {
    let statements = unfinished.statements.iter();
    let statements = statements
        .map(|(progress, text)| json!({"state": progress_word(*progress), "statement": text}));
    json!({
        "version": unfinished.version,
        "name": unfinished.name,
        "statements": statements.collect::<Vec<_>>(),
        "is_sealed": unfinished.is_sealed,
        "has_way_back": unfinished.has_way_back,
        "since_before": unfinished.since_before,
        "until_after": unfinished.until_after,
    })
}
