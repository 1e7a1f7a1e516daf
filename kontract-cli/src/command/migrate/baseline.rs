//! `kontract migrate baseline`: records migrations as applied without running them.

use clap::Args;

use super::runner;
use super::target::Target;
use crate::args::Global;
use crate::command::Answer;
use crate::failure::Failure;

/// Record migrations as applied if their tables already exist
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  kontract migrate baseline      all migrations
  kontract migrate baseline 3    the migrations up to version 3

Use it for a database that another tool has set up. The command first compares the tables, except
those that later migrations change; if they differ, it lists the differences and changes nothing.
If the tables are those of the newest version, no command is needed: the program adopts them when
it starts.")]
pub struct Baseline {
    /// The last version to record [default: the newest]
    version: Option<u32>,
}

impl Baseline {
    pub fn run(&self, global: &Global) -> Result<Answer, Failure> {
        let target = Target::read(global)?;
        let version = self.version.unwrap_or(target.lock.version);
        runner::run_work(global, &target, None, async |migrator| migrator.baseline(version).await)
    }
}
