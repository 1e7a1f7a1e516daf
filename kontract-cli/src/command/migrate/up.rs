//! `kontract migrate up`: runs pending migrations.

use clap::Args;
use kontract_runtime::manage::Direction;

use super::runner;
use super::target::Target;
use crate::args::Global;
use crate::command::Answer;
use crate::failure::Failure;
use crate::show::tell;

/// Run pending migrations
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  kontract migrate up --dry-run   show the statements without running them
  kontract migrate up
  kontract migrate up --to 3

The program does the same when it starts. Each migration runs in one transaction together with
its history row, unless its statements require otherwise; migrations that finished before an
error stay applied. Unsealed changes are not run. If another program is migrating the database,
the command waits one minute; KONTRACT_LOCK_TIMEOUT=SECONDS changes that.")]
pub struct Up {
    /// The last version to run [default: the newest]
    #[arg(long, value_name = "VERSION")]
    to: Option<u32>,
    /// Show the statements without running them
    #[arg(long)]
    dry_run: bool,
}

impl Up {
    pub fn run(&self, global: &Global) -> Result<Answer, Failure> {
        let target = Target::read(global)?;
        if target.unsealed {
            tell!("note: the source has unsealed changes; they are not run");
        }
        if self.dry_run {
            return runner::print_plan(global, &target, Direction::Up(self.to));
        }
        let bar = Some(Direction::Up(self.to));
        runner::run_work(global, &target, bar, async |migrator| migrator.up(self.to).await)
    }
}
