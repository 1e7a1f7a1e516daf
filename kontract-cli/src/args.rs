//! The global arguments, and the values that arguments of several commands have.

use std::path::PathBuf;

use clap::parser::ValueSource;
use clap::{ArgMatches, Args, ValueEnum};
use kontract_schema::dialect::Dialect;

/// The arguments of every command.
#[derive(Args, Debug)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Change to this directory first
    #[arg(short = 'C', value_name = "DIR", global = true)]
    pub directory: Option<PathBuf>,
    /// Cargo.toml of the package or of its workspace
    #[arg(long, value_name = "FILE", global = true)]
    pub manifest_path: Option<PathBuf>,
    /// The package, if the workspace has several
    #[arg(short, long, value_name = "NAME", global = true)]
    pub package: Option<String>,
    /// Features of the package to enable, separated by commas
    #[arg(short = 'F', long, value_name = "LIST", value_delimiter = ',', global = true)]
    pub features: Vec<String>,
    /// Disable the default features of the package
    #[arg(long, global = true)]
    pub no_default_features: bool,
    /// Evaluate `cfg`s for this target instead of cargo's
    #[arg(
        long,
        value_name = "TRIPLE",
        env = "CARGO_BUILD_TARGET",
        hide_env_values = true,
        global = true
    )]
    pub target: Option<String>,
    /// The database: postgres://user@host/name or sqlite:app.db
    #[arg(long, value_name = "URL", env = "DATABASE_URL", hide_env_values = true, global = true)]
    pub database_url: Option<String>,
    /// Whether the command line, not the variable, has `database_url`.
    #[arg(skip)]
    pub names_database: bool,
    /// Print one JSON value instead of text
    #[arg(long, global = true)]
    pub json: bool,
    /// Print long messages in full
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// When to use colours
    #[arg(long, value_name = "WHEN", value_enum, default_value_t, global = true)]
    pub color: Color,
}

impl Global {
    /// Sets what depends on where an argument comes from.
    pub fn read_sources(&mut self, matches: &ArgMatches) {
        self.names_database = is_on_command_line(matches, "database_url");
    }
}

/// Whether the command line, at any level of subcommands, has the argument.
fn is_on_command_line(matches: &ArgMatches, id: &str) -> bool {
    matches.value_source(id) == Some(ValueSource::CommandLine)
        || matches.subcommand().is_some_and(|(_, below)| is_on_command_line(below, id))
}

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum Color {
    /// On a terminal
    #[default]
    Auto,
    /// Also in files and pipes
    Always,
    /// Nowhere
    Never,
}

impl Color {
    /// Sets the choice for all output of the process.
    pub fn apply(self) {
        match self {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        }
        .write_global();
    }
}

/// A database system on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum DialectName {
    /// PostgreSQL
    Postgres,
    /// SQLite
    Sqlite,
}

impl From<DialectName> for Dialect {
    fn from(name: DialectName) -> Dialect {
        match name {
            DialectName::Postgres => Dialect::Postgres,
            DialectName::Sqlite => Dialect::Sqlite,
        }
    }
}
