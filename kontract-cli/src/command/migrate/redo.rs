//! `kontract migrate redo`: rolls back the newest migration and runs it again.

use clap::Args;

use super::runner;
use super::target::Target;
use crate::args::Global;
use crate::command::Answer;
use crate::failure::Failure;

/// Roll back the newest migration and run it again
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  kontract migrate redo

Use it to test the `down` part of a migration. Like `down`, it refuses to lose data.")]
pub struct Redo {
    /// Roll back even if rows or values are lost
    #[arg(long)]
    accept_data_loss: bool,
}

impl Redo {
    pub fn run(&self, global: &Global) -> Result<Answer, Failure> {
        let target = Target::read(global)?;
        runner::run_work(global, &target, None, async |migrator| {
            migrator.redo(self.accept_data_loss).await
        })
    }
}
