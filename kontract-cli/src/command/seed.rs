//! `kontract seed`: runs the scripts in seeds/.

use clap::Args;
use kontract_runtime::manage::Options;
use serde_json::json;

use super::migrate::target::Target;
use super::seeds;
use crate::args::Global;
use crate::command::Answer;
use crate::database::block_on;
use crate::failure::Failure;
use crate::show::{self, count, say};

/// Run the scripts in seeds/, which insert rows for development
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  kontract seed

The command runs seeds/*.sql in the order of their names, each in one transaction, and stops at
the first one that fails. `NAME.postgres.sql` and `NAME.sqlite.sql` run on that database only.
Runs are not recorded: a script that runs twice inserts twice, unless it is written with
`INSERT … ON CONFLICT DO NOTHING`.")]
pub struct Seed {}

impl Seed {
    pub fn run(&self, global: &Global) -> Result<Answer, Failure> {
        let target = Target::read(global)?;
        let ran = block_on(async {
            let migrator = target.migrator(Options::from_env()?)?;
            let ran = match seeds::read_scripts(&target.dir, migrator.dialect())? {
                Some(scripts) => seeds::run_scripts(&migrator, &scripts).await,
                None => Err(seeds::missing_directory(&target.dir)),
            };
            migrator.close().await;
            ran
        })?;
        let ran = match ran {
            Ok(ran) => ran,
            Err(refusal) => {
                show::failure(&refusal, global.json);
                return Ok(Answer::No);
            }
        };
        if global.json {
            show::json(&json!({"package": target.name, "seeds": ran}));
        } else {
            say!("{}: {} run", target.name, count(ran.len(), "seed"));
            ran.iter().for_each(|script| say!("  {script}"));
        }
        Ok(Answer::Yes)
    }
}
