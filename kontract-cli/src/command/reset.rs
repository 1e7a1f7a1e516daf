//! `kontract reset`: drops the tables of the package and its history.

use clap::Args;
use kontract_runtime::manage::Migrator;
use serde_json::json;

use super::development::{Confirmation, DEVELOPMENT_HELP, Done, run_if_allowed};
use super::migrate::runner::split_refusal;
use super::migrate::target::Target;
use crate::args::Global;
use crate::command::Answer;
use crate::failure::Failure;
use crate::show::{self, say};

/// Drop the tables and the history of a development database
#[derive(Args, Debug)]
#[command(after_help = format!("\
Examples:
  kontract reset --database-url sqlite:app.db
  kontract reset --force --yes-drop shop    any other database, by its name

The command drops the tables that the history of the package lists, with their rows, and the
history. Tables that Kontract does not manage stay, and so do tables of other packages. If another
object depends on one of the tables, nothing is dropped.

{DEVELOPMENT_HELP}"))]
pub struct Reset {
    #[command(flatten)]
    confirmation: Confirmation,
}

impl Reset {
    pub fn run(&self, global: &Global) -> Result<Answer, Failure> {
        let target = Target::read(global)?;
        let work = async |migrator: &Migrator| {
            let dropped = split_refusal(migrator.reset().await)?;
            Ok(dropped.map(|dropped| Done { dropped, ..Done::default() }))
        };
        let Some(done) = run_if_allowed(global, &target, &self.confirmation, work)? else {
            return Ok(Answer::No);
        };
        if global.json {
            show::json(&json!({"package": target.name, "dropped": done.dropped}));
        } else {
            say!("{}: {}", target.name, done.dropped_text());
        }
        Ok(Answer::Yes)
    }
}
