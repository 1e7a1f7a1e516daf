//! The arguments, and the help that teaches them.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use kontract_schema::dialect::Dialect;

const EXIT: &str = "\
Exit status:
  0  done, nothing is wrong
  1  the answer is no: a change or a migration is refused, or something is still to be done
  2  the command line cannot be understood
  3  it cannot be done: a file, the package or the lock file cannot be read or written, the
     database cannot be reached
  4  not now: another program migrates the database, or somebody holds a table";

const START: &str = "\
The way of a change:
  edit a struct
  kontract diff                    what changed, and the verdict on it
  kontract plan                    the statements that it becomes
  kontract migrate create NAME     make it migration N + 1, or get the file to complete
  git add kontract.lock.json migrations
  kontract migrate up              run it; the program does so by itself at its start";

const DEVELOPMENT: &str = "\
A database to develop with is a file of SQLite, one on this machine whose name is `dev` or
`test` or ends in `_dev` or `_test`, or any with KONTRACT_ENV=development; with another
KONTRACT_ENV none is. Any other database has to be named: `--force --yes-drop NAME`.";

/// Tables, typed handles and checked migrations from Rust structs.
#[derive(Debug, Parser)]
#[command(
    name = "kontract",
    version,
    max_term_width = 100,
    subcommand_required = true,
    arg_required_else_help = true
)]
#[command(after_help = format!("{START}\n\n{EXIT}"))]
pub struct Arguments {
    /// What every command takes.
    #[command(flatten)]
    pub global: Global,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// What every command takes.
#[derive(Args, Debug)]
#[command(next_help_heading = "Everywhere")]
pub struct Global {
    /// Run as if started in this directory
    #[arg(short = 'C', value_name = "DIR", global = true)]
    pub directory: Option<PathBuf>,
    /// Cargo.toml of the package, or of its workspace
    #[arg(long, value_name = "FILE", global = true)]
    pub manifest_path: Option<PathBuf>,
    /// The package, where the workspace has several
    #[arg(short, long, value_name = "NAME", global = true)]
    pub package: Option<String>,
    /// Features of the package besides its default ones, by commas
    #[arg(short = 'F', long, value_name = "LIST", value_delimiter = ',', global = true)]
    pub features: Vec<String>,
    /// Without the package's default features
    #[arg(long, global = true)]
    pub no_default_features: bool,
    /// The target that `cfg`s are decided for, instead of cargo's
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
    /// Whether the command line names it, and not the variable.
    #[arg(skip)]
    pub names_database: bool,
    /// Print one JSON value instead of text
    #[arg(long, global = true)]
    pub json: bool,
    /// Colours
    #[arg(long, value_name = "WHEN", value_enum, default_value_t, global = true)]
    pub color: Color,
}

/// When there are colours.
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
    /// Makes it so.
    pub fn apply(self) {
        match self {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        }
        .write_global();
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Add Kontract to a package
    Init(Init),
    /// Say what the build would refuse, without building
    #[command(after_help = "\
Examples:
  kontract check              before a commit
  kontract check --sealed     in CI, before a release
  kontract check --json | jq -r '.problems[].message'

It reads the source as the build script does. What only the compiler can see, such as a type
alias that hides the type of a field, only a build finds.")]
    Check(Check),
    /// List what changed since the last sealed migration, with the verdict on each change
    #[command(after_help = "\
Examples:
  kontract diff
  kontract diff --exit-code   status 1 where there are changes, as with `git diff`
  kontract explain C14        the rule behind a verdict")]
    Diff(Diff),
    /// Show the statements of the changes that are not sealed, forward and back, or what a database lacks
    #[command(after_help = "\
Examples:
  kontract plan
  kontract plan --dialect postgres
  kontract plan --database-url \"$DATABASE_URL\"

With `--database-url` it is the plan for that database: what is sealed and pending there first, the
rows that stand against it, and how large the tables are. It only reads.

Where data is lost, it says what, and shows the hash by which exactly this plan is accepted:
`kontract seal --accept HASH`. Status 1 as long as something stands in the way.")]
    Plan(Plan),
    /// Explain a message (K0203), a rule (C14) or a change (users.email:removed)
    #[command(after_help = "\
Examples:
  kontract explain K0203
  kontract explain C14
  kontract explain users.email:removed
  kontract explain            all of them, a line each")]
    Explain(Explain),
    /// Print a script that sets up an empty database: tables and history
    #[command(after_help = "\
Examples:
  kontract sql > docker-entrypoint-initdb.d/app.sql
  kontract sql --dialect sqlite | sqlite3 -bail app.db

A program that connects to a database set up from it has no migration to run. The script has
what is sealed; it runs in one transaction and fails where the package has a history in the
database already.")]
    Sql(Sql),
    /// Print the FlatBuffers schema of the tables
    #[command(after_help = "\
Examples:
  kontract flatbuffers --out app.fbs && flatc --ts app.fbs
  kontract flatbuffers | diff app.fbs -    in CI: what is committed is up to date

It has what is sealed, for only that has ids which stay: the lock file keeps them, so that fields
may be moved and renamed, and what was removed keeps its own, as `(deprecated)`. A field whose
type became another gets a new id. Whether a row must have a value is not said (`= null`, nowhere
`required`), so that it can change. Bytes of every version are read by every other.")]
    Flatbuffers(Flatbuffers),
    /// Make the changes the next migration
    #[command(after_help = "\
Examples:
  kontract seal add_posts
  kontract seal               a manual migration has its name already
  kontract seal --accept 1f0c2b3a4d5e6f70    and what it loses may be lost

The same as `KONTRACT_SEAL=add_posts cargo build`. A sealed migration is never changed again:
commit kontract.lock.json.")]
    Seal(Seal),
    /// Compare a live database with the lock file
    #[command(after_help = "\
Examples:
  kontract drift --database-url sqlite:app.db
  DATABASE_URL=postgres://app@db/app kontract drift --json

It reads and creates nothing: a role that may only read is enough. What Kontract does not manage
is listed and is no difference. Status 1 where there is a difference.")]
    Drift(Drift),
    /// Write structs for the tables of a live database
    #[command(after_help = "\
Examples:
  kontract introspect --database-url postgres://app@db/app --out src/tables.rs
  kontract introspect --database-url sqlite:app.db --table users --table posts

What the structs cannot say stands in the file as a comment, `// not taken over: …`. It reads
and creates nothing in the database. The way of an existing database:
  kontract introspect --out src/tables.rs    then `mod tables;` beside `kontract::storage!()`
  kontract drift                             nothing, or what is to be decided
  kontract migrate create init               the program takes the tables over at its next start")]
    Introspect(Introspect),
    /// Replay all migrations on a scratch database and compare the result with the structs
    #[command(after_help = "\
Examples:
  kontract verify                                       on SQLite, in a temporary file
  kontract verify --database-url postgres://ci@db/app   in a database of its own beside that one

It finds a manual migration that fails, or that does not lead to the structs, before it runs
anywhere that matters. Changes that are not sealed are the last migration. The scratch database
is removed.")]
    Verify(Verify),
    /// Put the migrations of two branches one after the other
    #[command(after_help = "\
Examples:
  git merge main        conflict in kontract.lock.json
  kontract rebase       main's migrations keep their numbers, ours follow
  git add kontract.lock.json migrations

It takes the three versions of the lock file from the conflict. In a merge the branch that is
merged keeps its numbers, in `git rebase` and `git cherry-pick` what is there already does;
`--keep` says otherwise. What both branches touch is named, and then nothing is written. The
statements stay as they were sealed; files of manual migrations get their new numbers.")]
    Rebase(Rebase),
    /// Run the scripts in seeds/: rows to develop with
    #[command(after_help = "\
Examples:
  kontract seed

It runs seeds/*.sql in the order of their names, each in one transaction, and stops at the first
that fails. `NAME.postgres.sql` and `NAME.sqlite.sql` are for one database alone. Nothing is
recorded: run twice, a script runs twice; `INSERT … ON CONFLICT DO NOTHING` does no harm then.")]
    Seed(Seed),
    /// Drop the tables, make them anew, and seed them: for a database to develop with
    #[command(after_help = format!("\
Examples:
  kontract refresh --database-url sqlite:app.db

It is `reset`, then the migrations, then `seed` where there is a directory seeds/. Changes that
are not sealed are taken in where the program would: on SQLite, and with
KONTRACT_ENV=development.

{DEVELOPMENT}"))]
    Refresh(Refresh),
    /// Drop the tables and forget the history: for a database to develop with
    #[command(after_help = format!("\
Examples:
  kontract reset --database-url sqlite:app.db
  kontract reset --force --yes-drop shop    on any other database, named as it is

It drops the tables that the package's history lists, with their rows, and its history. What
Kontract does not manage stays, and so do the tables of other packages; where something depends
on ours, nothing is done.

{DEVELOPMENT}"))]
    Reset(Reset),
    /// Migrations
    #[command(subcommand, arg_required_else_help = true)]
    Migrate(Migrate),
}

/// `kontract migrate …`
#[derive(Debug, Subcommand)]
pub enum Migrate {
    /// Make the changes the next migration, or write the file that lets them pass
    #[command(after_help = "\
Examples:
  kontract migrate create add_posts
  kontract migrate create drop_email   twice: first it writes migrations/0002_drop_email.sql
  kontract migrate create --rs mend    the same in Rust, migrations/0002_mend.rs

Where no change is dangerous, it seals. Where one is, it writes the ready-made manual migration,
says what to look at, and ends with status 1; run it again once the file is right.")]
    Create(Create),
    /// Show what a database has of the migrations
    #[command(after_help = "\
Examples:
  kontract migrate status --database-url sqlite:app.db
  DATABASE_URL=postgres://app@db/app kontract migrate status --json

It reads and creates nothing: a role that may only read is enough. Status 1 where the database
is not as the lock file says: a migration is pending, broken off, unknown or another one, or a
table differs.")]
    Status(Status),
    /// Run what is pending
    #[command(after_help = "\
Examples:
  kontract migrate up --dry-run   the statements, and nothing is run
  kontract migrate up
  kontract migrate up --to 3

The program does the same at its start. Each migration is one transaction with its row of the
history, unless its statements say otherwise; what was done before an error stays done. Changes
that are not sealed are not run. It waits a minute for others that migrate the database;
KONTRACT_LOCK_TIMEOUT=SECONDS says otherwise.")]
    Up(Up),
    /// Take back what is newer than a version
    #[command(after_help = "\
Examples:
  kontract migrate down --to 3 --dry-run
  kontract migrate down --to 3
  kontract migrate down --to 0    everything

It is refused where data would be lost, unless that is accepted, and where a migration says no
way back. The lock file stays as it is: a program that starts runs the migrations again.")]
    Down(Down),
    /// Take the newest migration back and run it again
    #[command(after_help = "\
Examples:
  kontract migrate redo

For trying a way back; like `down`, it is refused where data would be lost.")]
    Redo(Redo),
    /// Count migrations as run whose tables are there already
    #[command(after_help = "\
Examples:
  kontract migrate baseline      all of them
  kontract migrate baseline 3    up to version 3

For a database that somebody else has set up. The tables are compared first, except those that
later migrations change; each difference is named, and then nothing is done. The tables of the
newest version need no command: the program takes them over at its start.")]
    Baseline(Baseline),
    /// Decide about a statement that was broken off outside of a transaction
    #[command(after_help = "\
Examples:
  kontract migrate status           shows the statement: look whether it took effect
  kontract migrate repair --done    it did
  kontract migrate repair --again   it did not, or it does no harm twice
  kontract migrate up               goes on")]
    Repair(Repair),
}

/// `kontract init`
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  cargo new app && kontract -C app init
  kontract init --path ../kontract     with a checkout of Kontract instead of a release

It adds dependencies to Cargo.toml and writes build.rs. What is there already stays; run twice,
it does nothing the second time.")]
pub struct Init {
    /// Depend on this checkout of Kontract
    #[arg(long, value_name = "DIR")]
    pub path: Option<PathBuf>,
}

/// `kontract check`
#[derive(Args, Debug)]
pub struct Check {
    /// Also refuse changes that are not sealed
    #[arg(long)]
    pub sealed: bool,
}

/// `kontract diff`
#[derive(Args, Debug)]
pub struct Diff {
    /// End with status 1 where there are changes
    #[arg(long)]
    pub exit_code: bool,
}

/// `kontract plan`
#[derive(Args, Debug)]
pub struct Plan {
    /// For this database alone
    #[arg(long, value_name = "DIALECT", value_enum)]
    pub dialect: Option<Database>,
}

/// `kontract explain`
#[derive(Args, Debug)]
pub struct Explain {
    /// K0203, C14 or users.email:removed
    pub what: Option<String>,
}

/// `kontract sql`
#[derive(Args, Debug)]
pub struct Sql {
    /// For this database
    #[arg(long, value_name = "DIALECT", value_enum, default_value = "postgres")]
    pub dialect: Database,
}

/// `kontract flatbuffers`
#[derive(Args, Debug)]
pub struct Flatbuffers {
    /// Into this file, instead of the standard output
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// `kontract drift`
#[derive(Args, Debug)]
pub struct Drift {}

/// `kontract introspect`
#[derive(Args, Debug)]
pub struct Introspect {
    /// Only this table; may be given several times
    #[arg(long = "table", value_name = "NAME")]
    pub tables: Vec<String>,
    /// Write a new file instead of printing
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// `kontract verify`
#[derive(Args, Debug)]
pub struct Verify {
    /// On this database; without it the one that the address is of, or SQLite
    #[arg(long, value_name = "DIALECT", value_enum)]
    pub dialect: Option<Database>,
}

/// `kontract seed`
#[derive(Args, Debug)]
pub struct Seed {}

/// `kontract refresh`
#[derive(Args, Debug)]
pub struct Refresh {
    /// How it is said twice.
    #[command(flatten)]
    pub sure: Sure,
}

/// `kontract reset`
#[derive(Args, Debug)]
pub struct Reset {
    /// How it is said twice.
    #[command(flatten)]
    pub sure: Sure,
}

/// How it is said twice.
#[derive(Args, Debug)]
pub struct Sure {
    /// Also where the database does not look like one to develop with
    #[arg(long, requires = "yes_drop")]
    pub force: bool,
    /// The name of that database
    #[arg(long, value_name = "NAME", requires = "force")]
    pub yes_drop: Option<String>,
}

/// `kontract rebase`
#[derive(Args, Debug)]
pub struct Rebase {
    /// Without a conflict: HEAD's migrations follow those of this commit
    #[arg(long, value_name = "COMMIT")]
    pub onto: Option<String>,
    /// The side of the conflict whose migrations keep their numbers
    #[arg(long, value_name = "SIDE", value_enum, conflicts_with = "onto")]
    pub keep: Option<Side>,
}

/// A side of a conflict, as git names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Side {
    /// What is checked out
    Ours,
    /// What comes to it
    Theirs,
}

/// `kontract seal`
#[derive(Args, Debug)]
pub struct Seal {
    /// What it does: lower-case letters, digits and `_`
    pub name: Option<String>,
    /// Accept what the plan of this hash loses; `kontract plan` shows it
    #[arg(long, value_name = "HASH")]
    pub accept: Option<String>,
}

/// `kontract migrate create`
#[derive(Args, Debug)]
pub struct Create {
    /// What it does: lower-case letters, digits and `_`
    pub name: String,
    /// Accept what the plan of this hash loses; `kontract plan` shows it
    #[arg(long, value_name = "HASH")]
    pub accept: Option<String>,
    /// Write the migration in Rust, also where no change needs one: it may move data
    #[arg(long)]
    pub rs: bool,
}

/// `kontract migrate status`
#[derive(Args, Debug)]
pub struct Status {}

/// `kontract migrate up`
#[derive(Args, Debug)]
pub struct Up {
    /// Up to this version; without it all of them
    #[arg(long, value_name = "VERSION")]
    pub to: Option<u32>,
    /// Show the statements and run nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `kontract migrate down`
#[derive(Args, Debug)]
pub struct Down {
    /// The version that is the newest afterwards; 0 for none
    #[arg(long, value_name = "VERSION")]
    pub to: u32,
    /// Also where rows or values would be gone
    #[arg(long)]
    pub accept_data_loss: bool,
    /// Show the statements and run nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `kontract migrate redo`
#[derive(Args, Debug)]
pub struct Redo {
    /// Also where rows or values would be gone
    #[arg(long)]
    pub accept_data_loss: bool,
}

/// `kontract migrate baseline`
#[derive(Args, Debug)]
pub struct Baseline {
    /// Up to this version; without it all of them
    pub version: Option<u32>,
}

/// `kontract migrate repair`
#[derive(Args, Debug)]
#[group(id = "how", required = true, multiple = false)]
pub struct Repair {
    /// The statement took effect: the migration goes on after it
    #[arg(long)]
    pub done: bool,
    /// It did not, or it does no harm twice: it is run again
    #[arg(long)]
    pub again: bool,
}

/// A database on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Database {
    /// PostgreSQL
    Postgres,
    /// SQLite
    Sqlite,
}

impl From<Database> for Dialect {
    fn from(database: Database) -> Dialect {
        match database {
            Database::Postgres => Dialect::Postgres,
            Database::Sqlite => Dialect::Sqlite,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn are_consistent() {
        super::Arguments::command().debug_assert();
    }
}
