//! A row of the history: what the database keeps of a migration, and how a new one is written.

use kontract_schema::dialect::Dialect;
use kontract_schema::lock::{Manual, Migration};
use serde::{Deserialize, Serialize};

use super::decide::Wanted;
use crate::error::{Error, Result};
use crate::migrate::failure;
use crate::migrate::tracking::NewRow;

/// A row of the history.
#[derive(Clone, Debug)]
pub(in crate::migrate) struct Applied {
    pub(in crate::migrate) version: u32,
    pub(in crate::migrate) name: String,
    pub(in crate::migrate) hash: String,
    pub(in crate::migrate) state: State,
    /// How many of its statements are done, where it is not one transaction.
    pub(in crate::migrate) step: usize,
    /// Whether older programs may go on beside it.
    pub(in crate::migrate) additive: bool,
    /// The statements that take a draft back, as JSON.
    pub(in crate::migrate) reverse: Option<String>,
    /// Milliseconds since 1970.
    pub(in crate::migrate) applied_at: i64,
}

/// How far a migration is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::migrate) enum State {
    /// Done.
    Done,
    /// Done, as long as the draft does not change.
    Draft,
    /// So many of its statements are done.
    Running,
    /// The same, and the next statement, which is in no transaction, was begun.
    Started,
}

impl State {
    /// As the database keeps it.
    pub(in crate::migrate) fn word(self) -> &'static str {
        match self {
            State::Done => "done",
            State::Draft => "draft",
            State::Running => "running",
            State::Started => "started",
        }
    }
}

/// How a draft is taken back.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::migrate) struct WayBack {
    /// The statements.
    pub(in crate::migrate) statements: Vec<String>,
    /// Queries that give a row where data would be lost.
    pub(in crate::migrate) loses: Vec<String>,
    /// The statements that they take back, which name what was the draft's own.
    #[serde(default)]
    pub(in crate::migrate) taken: Vec<String>,
    /// The file whose code takes part in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::migrate) rust: Option<Manual>,
}

/// What somebody has put data into is not taken back.
pub(in crate::migrate) fn would_lose(query: &str, is_draft: bool) -> Error {
    if !is_draft {
        let what = format!("taking it back would lose data: `{query}` finds some");
        return failure("K0444", what).with_help(
            "save what is needed; then `kontract migrate down --accept-data-loss` takes it back",
        );
    }
    failure(
        "K0432",
        format!("the draft that this database has taken in has changed, and taking it back would lose data: `{query}` finds some"),
    )
    .with_help("to keep it, undo the last edits and seal the draft with `KONTRACT_SEAL=name cargo build`; otherwise make the database anew with `kontract refresh`, or delete it by hand")
}

/// What was broken off has to be ended first.
pub(super) fn broken_off(row: &Applied) -> Error {
    let (version, name) = (row.version, &row.name);
    let (what, help) = match row.state {
        State::Draft => (
            "the database has changes that are not sealed".to_owned(),
            "take them back first: `kontract migrate down`",
        ),
        _ => (
            format!("migration {version} `{name}` was broken off"),
            "end it first: `kontract migrate up`",
        ),
    };
    failure("K0442", what).with_help(help)
}

impl Applied {
    /// The row of a migration, as it will be.
    pub(super) fn of(migration: &Migration, state: State) -> Applied {
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

    /// How the draft of this row is taken back.
    pub(super) fn way_back(&self) -> Result<WayBack> {
        let way_back = self.reverse.as_deref().and_then(|json| serde_json::from_str(json).ok());
        way_back.ok_or_else(|| {
            failure(
                "K0424",
                "the draft that this database has taken in has changed, and there is no way back",
            )
            .with_help("make the database anew with `kontract refresh`, or delete it by hand: it was only for development")
        })
    }
}

impl Wanted {
    /// The row of a migration that is done, as if it was read.
    pub(in crate::migrate) fn applied(&self, index: usize) -> Option<Applied> {
        self.migration(Some(index)).map(|migration| Applied::of(migration, State::Done))
    }

    /// JSON of the physical names of the sealed tables.
    pub(in crate::migrate) fn tables(&self) -> String {
        serde_json::Value::from_iter(self.sealed_tables()).to_string()
    }

    /// The row of a migration.
    pub(in crate::migrate) fn row<'a>(
        &'a self,
        migration: &'a Migration,
        state: State,
        tables: &'a str,
        dialect: Dialect,
    ) -> NewRow<'a> {
        let script = migration.sql.of(dialect);
        let way_back = script.down.clone().filter(|_| state == State::Draft);
        let way_back = way_back.map(|statements| WayBack {
            statements,
            loses: script.loses.clone(),
            taken: script.up.clone(),
            rust: migration.manual.clone(),
        });
        NewRow {
            package: &self.package,
            version: migration.version,
            name: &migration.name,
            hash: &migration.hash,
            state,
            step: 0,
            reverse: way_back.and_then(|way_back| serde_json::to_string(&way_back).ok()),
            tables,
            additive: migration.additive,
        }
    }
}
