//! `kontract migrate repair`: resolves a statement that was interrupted outside a transaction.

use clap::Args;
use kontract_runtime::manage::Repair as Resolution;

use super::runner;
use super::target::Target;
use crate::args::Global;
use crate::command::Answer;
use crate::failure::Failure;
use crate::show::say;

/// Resolve a statement that was interrupted outside a transaction
#[derive(Args, Debug)]
#[group(id = "resolution", required = true, multiple = false)]
#[command(after_help = "\
Examples:
  kontract migrate status           shows the statement: check whether it took effect
  kontract migrate repair --done    it did
  kontract migrate repair --again   it did not, or it can run twice without harm
  kontract migrate up               continue")]
pub struct Repair {
    /// The statement took effect: continue after it
    #[arg(long)]
    done: bool,
    /// The statement did not take effect, or can run twice without harm: run it again
    #[arg(long)]
    again: bool,
}

impl Repair {
    pub fn run(&self, global: &Global) -> Result<Answer, Failure> {
        let resolution = if self.done { Resolution::Done } else { Resolution::Again };
        let target = Target::read(global)?;
        let answer = runner::run_work(global, &target, None, async |migrator| {
            migrator.repair(resolution).await
        })?;
        if answer == Answer::Yes && !global.json {
            say!("`kontract migrate up` goes on with the migration");
        }
        Ok(answer)
    }
}
