//! `kontract refresh`: drops the tables of the package, creates them again and runs the seeds.

use clap::Args;
use kontract_runtime::Error;
use kontract_runtime::manage::Migrator;
use kontract_schema::code;
use serde_json::json;

use super::development::{Confirmation, DEVELOPMENT_HELP, Done, read_environment, run_if_allowed};
use super::migrate::runner::split_refusal;
use super::migrate::target::Target;
use super::seeds;
use crate::args::Global;
use crate::command::Answer;
use crate::failure::Failure;
use crate::show::{self, say};

/// Drop the tables of a development database, create them again, and seed them
#[derive(Args, Debug)]
#[command(after_help = format!("\
Examples:
  kontract refresh --database-url sqlite:app.db

The command runs `reset`, then the migrations, then `seed` if there is a directory seeds/. It
applies unsealed changes where the program would: on SQLite, and with KONTRACT_ENV=development.

{DEVELOPMENT_HELP}"))]
pub struct Refresh {
    #[command(flatten)]
    confirmation: Confirmation,
}

impl Refresh {
    pub fn run(&self, global: &Global) -> Result<Answer, Failure> {
        let target = Target::read(global)?;
        if target.refuse_broken_history(global) {
            return Ok(Answer::No);
        }
        if let Some(refusal) = refuse_rust_migration(&target) {
            show::failure(&refusal, global.json);
            return Ok(Answer::No);
        }
        if target.unsealed && !target.draft_passes {
            show::tell!("note: the source has changes that are refused; they are not applied");
        }
        let work = async |migrator: &Migrator| recreate(&target, migrator).await;
        let Some(done) = run_if_allowed(global, &target, &self.confirmation, work)? else {
            return Ok(Answer::No);
        };
        if global.json {
            show::json(&json!({
                "package": target.name, "dropped": done.dropped, "done": done.ran,
                "seeds": done.seeds,
            }));
        } else {
            say!("{}: {}", target.name, done.dropped_text());
            done.ran.iter().for_each(|what| say!("  {what}"));
            done.seeds.iter().for_each(|script| say!("  {script}"));
        }
        Ok(Answer::Yes)
    }
}

async fn recreate(target: &Target, migrator: &Migrator) -> Result<Result<Done, Failure>, Failure> {
    let dialect = migrator.dialect();
    let scripts = seeds::read_scripts(&target.dir, dialect)?.unwrap_or_default();
    let mut done = Done::default();
    // A SQLite file that does not exist yet has no tables to drop.
    let is_new_file = |error: &Error| {
        !dialect.capabilities().server && error.code() == Some(code::NO_DATABASE.as_str())
    };
    let reset = match migrator.reset().await {
        Err(error) if is_new_file(&error) => Ok(Vec::new()),
        reset => reset,
    };
    match split_refusal(reset)? {
        Ok(dropped) => done.dropped = dropped,
        Err(refusal) => return Ok(Err(refusal)),
    }
    let takes_drafts = !dialect.capabilities().server || read_environment() == Some(true);
    let ran = if target.draft_passes && takes_drafts {
        migrator.up_with_draft().await
    } else {
        migrator.up(None).await
    };
    match split_refusal(ran)? {
        Ok(ran) => done.ran = ran,
        Err(refusal) => return Ok(Err(refusal.note("the tables were dropped"))),
    }
    match seeds::run_scripts(migrator, &scripts).await? {
        Ok(seeds) => done.seeds = seeds,
        Err(refusal) => return Ok(Err(refusal.note("the tables were created again"))),
    }
    Ok(Ok(done))
}

/// Refuses a history with a migration in Rust, before any table is dropped: only the program can
/// run it.
fn refuse_rust_migration(target: &Target) -> Option<Failure> {
    let mut all = target.lock.migrations.iter().chain(&target.lock.draft);
    let (file, version) = all.find_map(|migration| {
        let manual = migration.manual.as_ref().filter(|manual| manual.file.ends_with(".rs"))?;
        Some((&manual.file, migration.version))
    })?;
    let message = format!(
        "only the program can run migration {version}, which is written in Rust (`{file}`); \
         nothing was dropped"
    );
    let help = "drop the tables with `kontract reset`, then start the program: it creates them";
    Some(Failure::new(message).help(help))
}
