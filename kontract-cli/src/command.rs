//! The commands. Each file has the arguments of one command, its help text and its `run`.

use clap::Parser;

use crate::args::Global;

/// Declares the enum of some commands, with the dispatch to their `run`.
macro_rules! commands {
    ($(#[$attribute:meta])* $name:ident { $($command:ident,)+ }) => {
        $(#[$attribute])*
        #[derive(Debug, clap::Subcommand)]
        pub enum $name {
            $($command($command),)+
        }

        impl $name {
            /// Runs the command that the arguments name.
            ///
            /// # Errors
            /// The command cannot be carried out.
            pub fn run(
                &self,
                global: &crate::args::Global,
            ) -> Result<crate::command::Answer, crate::failure::Failure> {
                match self {
                    $($name::$command(command) => command.run(global),)+
                }
            }
        }
    };
}

mod check;
mod development;
mod diff;
mod drift;
mod explain;
mod flatbuffers;
mod init;
mod introspect;
mod migrate;
mod plan;
mod rebase;
mod refresh;
mod reset;
mod seal;
mod sealing;
mod seed;
mod seeds;
mod sql;
mod verify;

use check::Check;
use diff::Diff;
use drift::Drift;
use explain::Explain;
use flatbuffers::Flatbuffers;
use init::Init;
use introspect::Introspect;
use migrate::Migrate;
use plan::Plan;
use rebase::Rebase;
use refresh::Refresh;
use reset::Reset;
use seal::Seal;
use seed::Seed;
use sql::Sql;
use verify::Verify;

commands! {
    /// The commands, in the order of the help text.
    Command {
        Init,
        Check,
        Diff,
        Plan,
        Explain,
        Sql,
        Flatbuffers,
        Seal,
        Drift,
        Introspect,
        Verify,
        Rebase,
        Seed,
        Refresh,
        Reset,
        Migrate,
    }
}

/// The answer of a command, as its exit status reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// 0: done, or nothing is wrong.
    Yes,
    /// 1: something is refused, or something is still to be done.
    No,
}

impl Answer {
    /// `Yes` if the condition holds.
    pub fn yes_if(condition: bool) -> Answer {
        if condition { Answer::Yes } else { Answer::No }
    }
}

/// Tables, typed handles and checked migrations from Rust structs
#[derive(Debug, Parser)]
#[command(
    name = "kontract",
    version,
    max_term_width = 100,
    subcommand_required = true,
    arg_required_else_help = true
)]
#[command(after_help = "\
How a change reaches a database:
  edit a struct
  kontract diff                    list the changes and whether each one passes
  kontract plan                    show their SQL
  kontract migrate create NAME     seal them as migration N + 1, or write the file to complete
  git add kontract.lock.json migrations
  kontract migrate up              run it; the program also does so when it starts

Exit status:
  0  done, or nothing is wrong
  1  a change or a migration is refused, or something is still to be done
  2  the command line is invalid
  3  the command failed: a file, the package or the lock file cannot be read or written, or
     the database cannot be reached
  4  try again later: another program is migrating the database, or a table is locked")]
pub struct Arguments {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

#[cfg(test)]
mod suggested_commands;

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn arguments_are_consistent() {
        super::Arguments::command().debug_assert();
    }
}
