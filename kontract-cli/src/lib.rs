//! The command `kontract`, also `cargo kontract`.
//!
//! ```text
//! arguments ─▶ args ─▶ package (cargo metadata) ─▶ kontract_build::project ─▶ command/* ─▶ show ─▶ text | JSON
//! ```
//!
//! It prints; whatever it knows, the build script, the schema crate and the runtime know. What is
//! asked for goes to the standard output, everything else to the standard error.
#![forbid(unsafe_code)]

use std::ffi::OsString;
use std::process::ExitCode;

use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory as _, FromArgMatches as _};

mod args;
mod command;
mod database;
mod failure;
mod git;
mod package;
mod show;

use args::{Arguments, Command, Migrate};
use failure::Failure;

/// How a command ended, as scripts see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// 0: done; nothing is wrong.
    Yes,
    /// 1: something is refused, or still to be done.
    No,
}

/// Runs the command; the first argument is the name of the program.
pub fn main(arguments: Vec<OsString>) -> ExitCode {
    let parsed = Arguments::command().try_get_matches_from(arguments).and_then(|matches| {
        let mut arguments = Arguments::from_arg_matches(&matches)?;
        arguments.global.names_database = names_database(&matches);
        Ok(arguments)
    });
    let arguments = match parsed {
        Ok(arguments) => arguments,
        Err(error) => {
            // Where nobody listens, there is nobody to tell.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    arguments.global.color.apply();
    match run(&arguments) {
        Ok(Answer::Yes) => ExitCode::SUCCESS,
        Ok(Answer::No) => ExitCode::from(1),
        Err(failure) => {
            show::failure(&failure, arguments.global.json);
            // 3: it cannot be done. 4: not now, but perhaps later.
            ExitCode::from(if failure.is_busy { 4 } else { 3 })
        }
    }
}

/// Whether the command line has `--database-url`.
fn names_database(matches: &ArgMatches) -> bool {
    let here = matches.value_source("database_url") == Some(ValueSource::CommandLine);
    here || matches.subcommand().is_some_and(|(_, below)| names_database(below))
}

fn run(arguments: &Arguments) -> Result<Answer, Failure> {
    let global = &arguments.global;
    if let Some(dir) = &global.directory {
        std::env::set_current_dir(dir).map_err(|error| {
            Failure::new(format!("the directory {} cannot be entered: {error}", dir.display()))
        })?;
    }
    match &arguments.command {
        Command::Init(options) => command::init::run(global, options),
        Command::Check(options) => command::check::run(global, options),
        Command::Diff(options) => command::diff::run(global, options),
        Command::Plan(options) => command::plan::run(global, options),
        Command::Explain(options) => command::explain::run(global, options),
        Command::Sql(options) => command::sql::run(global, options),
        Command::Flatbuffers(options) => command::flatbuffers::run(global, options),
        Command::Drift(options) => command::drift::run(global, options),
        Command::Introspect(options) => command::introspect::run(global, options),
        Command::Verify(options) => command::verify::run(global, options),
        Command::Rebase(options) => command::rebase::run(global, options),
        Command::Seed(options) => command::seed::run(global, options),
        Command::Refresh(options) => command::reset::refresh(global, options),
        Command::Reset(options) => command::reset::reset(global, options),
        Command::Seal(options) => command::seal::seal(global, options),
        Command::Migrate(Migrate::Create(options)) => command::seal::create(global, options),
        Command::Migrate(Migrate::Status(options)) => command::status::run(global, options),
        Command::Migrate(Migrate::Up(options)) => command::migrate::up(global, options),
        Command::Migrate(Migrate::Down(options)) => command::migrate::down(global, options),
        Command::Migrate(Migrate::Redo(options)) => command::migrate::redo(global, options),
        Command::Migrate(Migrate::Baseline(options)) => command::migrate::baseline(global, options),
        Command::Migrate(Migrate::Repair(options)) => command::migrate::repair(global, options),
    }
}
