//! `kontract migrate down`: rolls back migrations.

use clap::Args;
use kontract_runtime::manage::Direction;

use super::runner;
use super::target::Target;
use crate::args::Global;
use crate::command::Answer;
use crate::failure::Failure;

/// Roll back the migrations that are newer than a version
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  kontract migrate down --to 3 --dry-run
  kontract migrate down --to 3
  kontract migrate down --to 0    roll back everything

The command refuses to lose data unless `--accept-data-loss` is given, and it refuses a migration
that has no `down` part. The lock file stays unchanged: a program that starts runs the migrations
again.")]
pub struct Down {
    /// The newest version to keep; 0 rolls back everything
    #[arg(long, value_name = "VERSION")]
    to: u32,
    /// Roll back even if rows or values are lost
    #[arg(long)]
    accept_data_loss: bool,
    /// Show the statements without running them
    #[arg(long)]
    dry_run: bool,
}

impl Down {
    pub fn run(&self, global: &Global) -> Result<Answer, Failure> {
        let target = Target::read(global)?;
        let direction = Direction::Down(self.to);
        if self.dry_run {
            return runner::print_plan(global, &target, direction);
        }
        runner::run_work(global, &target, Some(direction), async |migrator| {
            migrator.down(self.to, self.accept_data_loss).await
        })
    }
}
