//! What a step does, one action at a time. The interpreters of the databases run them.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use kontract_schema::catalog::Catalog;
use kontract_schema::lock::{Obstacle, Step as Statement};
use kontract_schema::model::Schema;

use super::failure::{Scope, shorten};
use super::history::{Applied, NewRow};
use super::known_objects::KnownObjects;
use super::left_tables::LeftTables;
use super::rust_call::Call;
use super::undo::Undo;
use super::way_back::LaterLoss;

/// One action of a step.
#[expect(clippy::large_enum_variant, reason = "a step has few of them, and each is used once")]
pub(super) enum Action<'a> {
    /// Begins a transaction. With `rebuilds`, foreign keys are off from before it until after it.
    BeginTransaction { rebuilds: bool },
    /// Ends the step without changes where the last row of the history is not this one any more.
    CheckHistory { last: Option<Applied> },
    /// Fails where another package owns one of these tables.
    CheckOwners(BTreeSet<String>),
    /// Fails where the tables are not what the version before has left.
    CheckLeftTables(LeftTables),
    /// Fails where tables of the schema exist and differ from it.
    CheckExistingTables(Schema),
    /// Fails where the live tables differ from the schema: they are to be adopted. `help` says what to
    /// do then.
    CheckAdoptedTables { schema: Schema, help: &'static str },
    /// Gives the constraints of the tables that were checked last the names of the schema.
    RenameConstraints,
    /// Fails where rows violate a coming change.
    CheckViolations(&'a [Obstacle]),
    /// Fails where the query finds data that would be lost. `draft` is the version of a draft that
    /// is taken back.
    CheckLoss { query: &'a str, draft: Option<u32> },
    /// The same for a later step of the way back.
    CheckLaterLoss(LaterLoss<'a>),
    /// Reads all objects of the database, to compare them at the end of the transaction.
    WatchObjects(KnownObjects),
    /// Runs a statement in the transaction; one that `repeats`, until it changes no row.
    Run { statement: Cow<'a, Statement>, number: usize, scope: Scope, repeats: bool },
    /// Calls the Rust code of the migration.
    CallRust { call: Call, generated: &'a [Statement] },
    /// Fails where a statement ended the transaction; ends the role and the settings that a manual
    /// migration left in the session.
    TakeBackSession { is_manual: bool },
    /// Runs a statement outside a transaction. Where it fails, the row is written.
    RunAlone { statement: &'a Statement, number: usize, started: bool, failed: NewRow<'a> },
    /// Runs a statement until it changes no row, each time in a transaction of its own.
    Repeat { statement: &'a Statement, number: usize },
    /// Fails where something of others is gone or broken since they were read.
    CompareObjects,
    /// Moves the rows of a history to the package.
    MoveHistory { from: &'a str },
    /// Removes these tables from those that a history lists.
    MoveTables { from: &'a str, tables: BTreeSet<String> },
    /// Undoes an interrupted migration. Fails where the tables are not as before it.
    Undo(&'a Undo),
    /// Writes the row of a migration that begins and is more than one transaction, with a description
    /// of these tables as they are.
    RecordBeginning { row: NewRow<'a>, tables: BTreeSet<String> },
    /// Writes the row of the migration; with `is_newest`, also what the tables look like.
    RecordRow { row: NewRow<'a>, is_newest: bool },
    /// Deletes the row of a migration.
    DeleteRow { version: u32 },
    /// Fails where the live tables differ from those that the migration leads to, or its way back.
    CompareTables { wanted: Catalog, is_back: bool },
    /// Removes what a manual migration left in the session.
    CleanSession,
    /// Commits the transaction.
    Commit,
}

impl fmt::Display for Action<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Action::BeginTransaction { rebuilds: false } => f.write_str("begin"),
            Action::BeginTransaction { rebuilds: true } => f.write_str("begin, foreign keys off"),
            Action::CheckHistory { last: None } => f.write_str("check history: empty"),
            Action::CheckHistory { last: Some(row) } => {
                write!(f, "check history: {} {} {}", row.version, row.state.as_str(), row.step)
            }
            Action::CheckOwners(tables) => {
                let tables: Vec<&str> = tables.iter().map(String::as_str).collect();
                write!(f, "check owners: {}", tables.join(", "))
            }
            Action::CheckLeftTables(left) => {
                write!(f, "check tables of version {}", left.version)
            }
            Action::CheckExistingTables(_) => f.write_str("check existing tables"),
            Action::CheckAdoptedTables { .. } => f.write_str("check adopted tables"),
            Action::RenameConstraints => f.write_str("rename constraints"),
            Action::CheckViolations(changes) => {
                let changes: Vec<String> =
                    changes.iter().map(|one| one.change.to_string()).collect();
                write!(f, "check violations: {}", changes.join(", "))
            }
            Action::CheckLaterLoss(LaterLoss { query, .. }) => {
                write!(f, "check later loss: {}", shorten(query))
            }
            Action::CheckLoss { query, .. } => write!(f, "check loss: {}", shorten(query)),
            Action::WatchObjects(_) => f.write_str("watch objects"),
            Action::Run { statement, number, repeats, .. } => {
                let how = if *repeats { "run until no row changes" } else { "run" };
                write!(f, "{how} {number}: {}", shorten(&statement.sql))
            }
            Action::CallRust { generated, .. } => {
                write!(f, "call Rust, {} statements", generated.len())
            }
            Action::TakeBackSession { is_manual: false } => f.write_str("check transaction"),
            Action::TakeBackSession { is_manual: true } => f.write_str("take back session"),
            Action::RunAlone { statement, number, started, .. } => {
                let how = if *started { "run again alone" } else { "run alone" };
                write!(f, "{how} {number}: {}", shorten(&statement.sql))
            }
            Action::Repeat { statement, number } => {
                write!(f, "repeat {number}: {}", shorten(&statement.sql))
            }
            Action::CompareObjects => f.write_str("compare objects"),
            Action::MoveHistory { from } => write!(f, "move history: {from}"),
            Action::MoveTables { from, tables } => {
                let tables: Vec<&str> = tables.iter().map(String::as_str).collect();
                write!(f, "move tables: {from}: {}", tables.join(", "))
            }
            Action::Undo(undo) => {
                let texts = undo.statements.iter().map(|statement| shorten(&statement.sql));
                write!(f, "undo: {}", texts.collect::<Vec<_>>().join("; "))
            }
            Action::RecordBeginning { row, .. } => {
                let state = row.state.as_str();
                write!(f, "record {} {state} {}, with the tables before it", row.version, row.step)
            }
            Action::RecordRow { row, is_newest } => {
                let shape = if *is_newest { ", with the shape" } else { "" };
                write!(f, "record {} {} {}{shape}", row.version, row.state.as_str(), row.step)
            }
            Action::DeleteRow { version } => write!(f, "delete row {version}"),
            Action::CompareTables { .. } => f.write_str("compare tables"),
            Action::CleanSession => f.write_str("clean session"),
            Action::Commit => f.write_str("commit"),
        }
    }
}
