//! `kontract migrate …`: the migrations of a package and those of a database.

use clap::Args;

use crate::args::Global;
use crate::command::Answer;
use crate::failure::Failure;

pub mod runner;
pub mod target;

mod adopt_history;
mod baseline;
mod create;
mod down;
mod redo;
mod resolve;
mod status;
mod up;

use adopt_history::AdoptHistory;
use baseline::Baseline;
use create::Create;
use down::Down;
use redo::Redo;
use resolve::Resolve;
use status::Status;
use up::Up;

/// Create, run, roll back and inspect migrations
#[derive(Args, Debug)]
pub struct Migrate {
    #[command(subcommand)]
    command: MigrateCommand,
}

commands! {
    /// The commands below `kontract migrate`, in the order of the help text.
    MigrateCommand {
        Create,
        Status,
        Up,
        Down,
        Redo,
        Baseline,
        AdoptHistory,
        Resolve,
    }
}

impl Migrate {
    pub fn run(&self, global: &Global) -> Result<Answer, Failure> {
        self.command.run(global)
    }
}
