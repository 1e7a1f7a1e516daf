//! The command `kontract`, also `cargo kontract`.
//!
//! ```text
//! arguments ─▶ command/* ─▶ package (cargo metadata) ─▶ kontract_build::project ─▶ show ─▶ text | JSON
//! ```
//!
//! Each file in `command/` has the arguments of one command, its help text and its `run`. The
//! build crate, the schema crate and the runtime do the work; this crate prints the results. The
//! answer goes to standard output, everything else to standard error.
#![forbid(unsafe_code)]

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _};

mod args;
mod command;
mod database;
mod failure;
mod git;
mod package;
mod show;

use command::{Answer, Arguments};
use failure::Failure;

/// Runs a command and returns its exit status. The first argument is the name of the program.
pub fn main(arguments: Vec<OsString>) -> ExitCode {
    let parsed = Arguments::command().try_get_matches_from(arguments).and_then(|matches| {
        let mut arguments = Arguments::from_arg_matches(&matches)?;
        arguments.global.read_sources(&matches);
        Ok(arguments)
    });
    let arguments = match parsed {
        Ok(arguments) => arguments,
        Err(error) => {
            // If the output is closed, the message cannot be delivered.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    arguments.global.color.apply();
    show::set_verbose(arguments.global.verbose);
    match run(&arguments) {
        Ok(Answer::Yes) => ExitCode::SUCCESS,
        Ok(Answer::No) => ExitCode::from(1),
        Err(failure) => {
            show::failure(&failure, arguments.global.json);
            ExitCode::from(if failure.is_busy { 4 } else { 3 })
        }
    }
}

fn run(arguments: &Arguments) -> Result<Answer, Failure> {
    if let Some(dir) = &arguments.global.directory {
        std::env::set_current_dir(dir).map_err(|error| {
            Failure::new(format!("the directory {} cannot be entered: {error}", dir.display()))
        })?;
    }
    arguments.command.run(&arguments.global)
}
