//! `kontract migrate baseline`: records migrations as applied without running them.

use clap::Args;
use kontract_runtime::manage::Direction;

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
  kontract migrate baseline --dry-run

Use it for a database that another tool has set up. The command first compares the tables, except
those that later migrations change; if they differ, it lists the differences and changes nothing.
Constraints get their names in the lock file: `--dry-run` shows these statements.
If the tables are those of the newest version, no command is needed: the program adopts them when
it starts.")]
pub struct Baseline {
    /// The last version to record [default: the newest]
    version: Option<u32>,
    /// Show the statements without running them
    #[arg(long)]
    dry_run: bool,
}

impl Baseline {
    pub fn run(&self, global: &Global) -> Result<Answer, Failure> {
        let target = Target::read(global)?;
        let version = self.version.unwrap_or(target.lock.version);
        if self.dry_run {
            return runner::print_plan(global, &target, Direction::Baseline(version));
        }
        runner::run_work(global, &target, None, async |migrator| migrator.baseline(version).await)
    }
}
