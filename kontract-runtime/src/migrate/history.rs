//! A row of the history: what the database stores about a migration.

use std::sync::Arc;

use kontract_schema::code;
use kontract_schema::dialect::Dialect;
use kontract_schema::lock::{Manual, Migration, Script, Step as Statement};
use kontract_schema::plan::KnownTables;
use serde::{Deserialize, Serialize};

use super::failure::failure;
use crate::error::{Error, Result};

/// A row of the history.
#[derive(Clone, Debug)]
pub(super) struct Applied {
    pub(super) version: u32,
    pub(super) name: String,
    pub(super) hash: String,
    pub(super) state: State,
    /// The number of statements that are done, if the migration has more than one transaction.
    pub(super) step: usize,
    /// Whether older programs may keep running beside it.
    pub(super) additive: bool,
    /// What a draft or an incomplete migration runs, and the statements that take it back, as JSON.
    pub(super) reverse: Option<String>,
    /// Milliseconds since 1970.
    pub(super) applied_at: i64,
}

/// The progress of a migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Done.
    Done,
    /// Done, as long as the draft does not change.
    Draft,
    /// Some of its statements are done.
    Running,
    /// Some of its statements are done, and the next one, which runs outside a transaction or in
    /// batches, was started.
    Started,
}

impl State {
    /// The text in the column `state`.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            State::Done => "done",
            State::Draft => "draft",
            State::Running => "running",
            State::Started => "started",
        }
    }

    /// The state of a text in the column `state`.
    pub(super) fn parse(text: &str) -> State {
        match text {
            "draft" => State::Draft,
            "running" => State::Running,
            "started" => State::Started,
            _ => State::Done,
        }
    }
}

/// How a migration is taken back.
#[derive(Debug, PartialEq)]
pub(super) struct Reversal {
    /// The statements that take it back.
    pub(super) statements: Vec<Statement>,
    /// Queries that return a row where data would be lost.
    pub(super) loses: Vec<String>,
    /// The statements that are taken back.
    pub(super) taken: Vec<Statement>,
    /// The Rust file whose code is part of it.
    pub(super) rust: Option<Manual>,
}

/// What an incomplete migration runs, as its row stores it: the lock file may have another one by now.
pub(super) struct Begun {
    /// Its statements.
    pub(super) up: Vec<Statement>,
    /// How it is taken back, if it can be.
    pub(super) reversal: Option<Reversal>,
}

/// The statements of a draft or of an incomplete migration as its row stores them, in JSON. Programs
/// with a lock file of format 1 read it too.
#[derive(Serialize, Deserialize)]
struct StoredReversal {
    /// Whether it cannot be taken back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    no_way_back: bool,
    statements: Vec<String>,
    loses: Vec<String>,
    #[serde(default)]
    taken: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rust: Option<Manual>,
    /// The statements with their facts, which a text does not show. Older programs ignore it.
    #[serde(default)]
    steps: Vec<Statement>,
}

impl Reversal {
    /// Returns the JSON for the row of a draft, or `None` if the draft has no reversal.
    pub(super) fn json(script: &Script, rust: Option<&Manual>) -> Option<String> {
        script.down.is_some().then(|| Reversal::json_of_begun(script, rust)).flatten()
    }

    /// Returns the JSON for the row of an incomplete migration.
    pub(super) fn json_of_begun(script: &Script, rust: Option<&Manual>) -> Option<String> {
        let texts = |steps: &[Statement]| steps.iter().map(Statement::to_text).collect();
        let down = script.down.as_deref().unwrap_or_default();
        let stored = StoredReversal {
            no_way_back: script.down.is_none(),
            statements: texts(down),
            loses: script.loses.clone(),
            taken: texts(&script.up),
            rust: rust.cloned(),
            steps: down.to_vec(),
        };
        serde_json::to_string(&stored).ok()
    }

    fn read(dialect: Dialect, json: &str) -> Option<Reversal> {
        Begun::read(dialect, json)?.reversal
    }
}

impl Begun {
    fn read(dialect: Dialect, json: &str) -> Option<Begun> {
        let stored: StoredReversal = serde_json::from_str(json).ok()?;
        let StoredReversal { no_way_back, statements, loses, taken, rust, steps } = stored;
        let mut taken = Statement::read_texts(dialect, taken);
        let mut statements = Statement::read_texts(dialect, statements);
        let mut known = KnownTables::default();
        known.follow(dialect, &mut taken, true);
        known.follow(dialect, &mut statements, true);
        let is_same = |(one, other): (&Statement, &Statement)| one.to_text() == other.to_text();
        if steps.len() == statements.len() && steps.iter().zip(&statements).all(is_same) {
            statements = steps;
        }
        let up = taken.clone();
        let reversal = Reversal { statements, loses, taken, rust };
        Some(Begun { up, reversal: Some(reversal).filter(|_| !no_way_back) })
    }
}

/// Returns the error for a reversal that would lose the data that `query` finds. `draft` is the
/// version of a draft that is taken back.
pub(super) fn would_lose(title: &str, query: &str, draft: Option<u32>) -> Error {
    if let Some(version) = draft {
        let what = format!(
            "the draft in this database has changed, and taking it back would lose data that `{query}` finds"
        );
        return failure(code::DRAFT_LOSES_DATA, what).with_help(format!(
            "to keep the data, undo the last edits and seal the draft with `KONTRACT_SEAL=name cargo build`; to lose it, `kontract migrate down --to {} --accept-data-loss`",
            version.saturating_sub(1)
        ));
    }
    failure(code::WAY_BACK_LOSES_DATA, format!("{title} would lose data that `{query}` finds"))
        .with_help("save the data; then run the command again with `--accept-data-loss`")
}

/// Returns the error for a history that ends with an incomplete migration, which has to be finished
/// first.
pub(super) fn is_unfinished(row: &Applied) -> Error {
    let (version, name) = (row.version, &row.name);
    if row.state == State::Draft {
        return failure(code::BROKEN_OFF, "the database has changes that are not sealed")
            .with_help(format!(
                "take them back first: `kontract migrate down --to {}`",
                version.saturating_sub(1)
            ));
    }
    failure(code::BROKEN_OFF, format!("migration {version} `{name}` was interrupted")).with_help(
        "`kontract migrate up` finishes it; `kontract migrate resolve` shows what it did, and can undo it",
    )
}

impl Applied {
    /// Creates the row of a migration, as it will be read.
    pub(super) fn new(migration: &Migration, state: State) -> Applied {
        Applied {
            version: migration.version,
            name: migration.name.clone(),
            hash: migration.hash.clone(),
            state,
            step: 0,
            additive: migration.additive,
            reverse: None,
            applied_at: 0,
        }
    }

    /// Returns how the draft of this row is taken back.
    ///
    /// # Errors
    /// K0424: the row has no reversal.
    pub(super) fn reversal(&self, dialect: Dialect) -> Result<Reversal> {
        let json = self.reverse.as_deref();
        let reversal = json.and_then(|json| Reversal::read(dialect, json));
        reversal.ok_or_else(|| {
            failure(
                code::DRAFT_STUCK,
                "the draft in this database has changed, and it has no statements to take it back",
            )
            .with_help("recreate the development database with `kontract refresh`, or delete it")
        })
    }

    /// Returns what an incomplete migration runs; `None` if the row does not store it, because an older
    /// version of Kontract began it.
    pub(super) fn begun(&self, dialect: Dialect) -> Option<Begun> {
        Begun::read(dialect, self.reverse.as_deref()?)
    }

    /// Returns whether two rows record the same progress of the same migration.
    pub(super) fn is_same(&self, other: &Applied) -> bool {
        let key = |row: &Applied| (row.version, row.state, row.step);
        key(self) == key(other) && self.hash == other.hash
    }
}

/// A row of the history, to be written.
pub(super) struct NewRow<'a> {
    pub(super) package: &'a str,
    pub(super) version: u32,
    pub(super) name: &'a str,
    pub(super) hash: &'a str,
    pub(super) state: State,
    /// The number of statements that are done.
    pub(super) step: usize,
    /// JSON of the statements of a draft or of an incomplete migration.
    pub(super) reverse: Option<String>,
    /// JSON of the physical names of the package's tables.
    pub(super) tables: Arc<str>,
    /// Whether older programs may keep running beside it.
    pub(super) additive: bool,
}

/// The history of the package, as far as the runner has read it. Rows of complete migrations are
/// read once.
#[derive(Default)]
pub(super) struct History {
    rows: Vec<Applied>,
    /// The number of complete rows, which need not be read again.
    known: usize,
}

impl History {
    /// Returns the rows, oldest first.
    pub(super) fn rows(&self) -> &[Applied] {
        &self.rows
    }

    /// Returns the version after which rows have to be read.
    pub(super) fn known_version(&self) -> u32 {
        let last = self.known.checked_sub(1).and_then(|at| self.rows.get(at));
        last.map_or(0, |row| row.version)
    }

    /// Adds the rows after the known version. With `keeps`, complete rows are known from now on: no
    /// other runner takes them back while this one runs.
    pub(super) fn extend(&mut self, rows: Vec<Applied>, keeps: bool) {
        self.rows.truncate(self.known);
        self.rows.extend(rows);
        if keeps {
            let is_incomplete = |row: &Applied| row.state != State::Done;
            self.known = self.rows.iter().position(is_incomplete).unwrap_or(self.rows.len());
        }
    }

    /// Forgets all rows: another server may have taken over.
    pub(super) fn clear(&mut self) {
        *self = History::default();
    }
}
