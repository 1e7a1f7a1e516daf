//! A step of a migration: one statement, how it runs, and what the runner must know about it.
//!
//! The planner fills these facts from its own statements. For SQL that a user wrote, and for lock
//! files of format 1, [`Step::read`] parses them from the text, once.

mod facts;
mod known_tables;
mod read;
#[cfg(test)]
mod tests;

pub(crate) use self::facts::{has_placeholder, of_statement};
pub use self::known_tables::KnownTables;

use serde::{Deserialize, Serialize};

use crate::dialect;
use crate::serde::{is_default, lines, one_or_more};
use crate::sql::run_mode::Mode;

/// One statement of a migration. The lock file leaves out facts that are false or empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// How it runs.
    #[serde(default, skip_serializing_if = "is_default")]
    pub run: Mode,
    /// The statement; empty for a call of Rust. In the file, a list of lines if it has several lines.
    #[serde(default, skip_serializing_if = "String::is_empty", with = "lines::one")]
    pub sql: String,
    /// For a call of Rust: the generated steps that the code runs with `update_schema`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rust: Option<Vec<Step>>,
    /// The tables that it creates, by their names in the database.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "one_or_more")]
    pub creates: Vec<String>,
    /// The tables that it drops.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "one_or_more")]
    pub drops: Vec<String>,
    /// The tables that it renames.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "one_or_more")]
    pub renames: Vec<Rename>,
    /// The table that a rebuild replaces. Set in the step that drops the old form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rebuilds: Option<String>,
    /// The columns that do not exist after it, on purpose: it drops or renames them, it drops their
    /// table, or the new form of a rebuilt table lacks them.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "one_or_more")]
    pub drops_columns: Vec<String>,
    /// On SQLite, the indexes of the tables that it drops that are Kontract's and go with them. Indexes
    /// and triggers that others created on a rebuilt table are created again. `None` where a user
    /// wrote the statement, or the lock file comes from an earlier version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_indexes: Option<Vec<String>>,
    /// The index that it builds while other sessions write (`CREATE INDEX CONCURRENTLY`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<NewIndex>,
    /// The index that it drops.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drops_index: Option<String>,
    /// Other indexes, triggers and views that it creates or renames.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "one_or_more")]
    pub objects: Vec<String>,
    /// Triggers and views that it drops.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "one_or_more")]
    pub drops_objects: Vec<String>,
    /// Whether it creates something else, such as a function or a type.
    #[serde(default, skip_serializing_if = "is_default")]
    pub creates_other: bool,
    /// Whether it converts values; it then fails if a value does not fit the new type.
    #[serde(default, skip_serializing_if = "is_default")]
    pub converts: bool,
    /// Outside of a transaction: whether running it twice has the same effect as running it once.
    #[serde(default, skip_serializing_if = "is_default")]
    pub repeatable: bool,
    /// Outside of a transaction: whether it could also run in one.
    #[serde(default, skip_serializing_if = "is_default")]
    pub transactional: bool,
    /// Where the keyword `CONCURRENTLY` begins in the statement, if it is not where Kontract's own
    /// statements have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrently: Option<usize>,
    /// Whether it is a `DROP INDEX CONCURRENTLY` without `IF EXISTS`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub drops_existing: bool,
    /// Whether it has a placeholder for a value that only the user knows. Such a step is not sealed.
    #[serde(default, skip_serializing_if = "is_default")]
    pub placeholder: bool,
    /// Whether it would repeat forever: its mode repeats it until it changes no row, but it does not
    /// report how many rows it changed.
    #[serde(default, skip_serializing_if = "is_default")]
    pub endless: bool,
}

/// A rename of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rename {
    /// The old name.
    pub from: String,
    /// The new name.
    pub to: String,
}

/// An index that is built while other sessions write. After an interruption it exists but is invalid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewIndex {
    /// Its name in the database.
    pub name: String,
    /// The table as the statement names it, as SQL.
    pub table: String,
    /// The indexed values without their sort order, as SQL.
    #[serde(with = "one_or_more")]
    pub parts: Vec<String>,
    /// The condition of a partial index, as SQL.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// Whether it is unique.
    #[serde(default, skip_serializing_if = "is_default")]
    pub unique: bool,
    /// Whether NULL equals NULL in it (`NULLS NOT DISTINCT`).
    #[serde(default, skip_serializing_if = "is_default")]
    pub nulls_equal: bool,
}

impl NewIndex {
    /// Returns a query that lists the values that several rows have.
    pub fn duplicates(&self) -> String {
        let (parts, condition) = (self.parts.join(", "), self.condition.as_deref());
        dialect::query_duplicates(&self.table, &parts, condition, self.nulls_equal)
    }
}

/// The keyword of a statement that creates or drops an index while other sessions write.
const CONCURRENTLY: &str = "CONCURRENTLY";

/// The first line of the text form of a call of Rust.
const RUST: &str = "-- kontract: rust";

impl Step {
    /// Returns a step without facts that runs together with its neighbours.
    pub fn new(sql: impl Into<String>) -> Step {
        Step { sql: sql.into(), ..Step::default() }
    }

    /// Returns the statement after the line that gives its run mode, as in `migrations/` and in
    /// `kontract plan`; for a call of Rust, that line and the steps that the code runs.
    pub fn to_text(&self) -> String {
        match &self.rust {
            None => self.run.mark(&self.sql),
            Some(_) if !self.sql.is_empty() => format!("{RUST}\n{}", self.sql),
            Some(steps) if steps.is_empty() => RUST.to_owned(),
            Some(steps) => {
                let steps: Vec<String> = steps.iter().map(Step::to_text).collect();
                format!("{RUST}\n{}", steps.join(";\n"))
            }
        }
    }

    /// Returns the call of a migration in Rust.
    pub fn call_rust(generated: Vec<Step>) -> Step {
        Step { rust: Some(generated), ..Step::default() }
    }

    /// Whether a user has to resolve it after an interruption: it runs outside of a transaction, and
    /// the runner cannot find out whether it took effect.
    pub fn is_unclear_if_interrupted(&self) -> bool {
        self.run == Mode::Alone
            && self.index.is_none()
            && self.drops_index.is_none()
            && !self.repeatable
    }

    /// Returns the indexes, triggers and views that it creates, drops or renames.
    pub fn named_objects(&self) -> impl Iterator<Item = &String> {
        let index = self.index.iter().map(|index| &index.name).chain(&self.drops_index);
        index.chain(&self.objects).chain(&self.drops_objects)
    }

    /// Whether it needs the right to create objects in the schema.
    pub fn creates_objects(&self) -> bool {
        self.creates_other
            || self.index.is_some()
            || !(self.creates.is_empty() && self.renames.is_empty() && self.objects.is_empty())
    }

    /// Returns the statement for a transaction: without `CONCURRENTLY`.
    pub fn sql_in_transaction(&self) -> String {
        match self.around_concurrently() {
            Some((before, _, after)) => format!("{before}{}", after.trim_start()),
            None => self.sql.clone(),
        }
    }

    /// Returns the statement for a second try, in which an index that is already dropped is not an error.
    pub fn sql_again(&self) -> String {
        match self.around_concurrently().filter(|_| self.drops_existing) {
            Some((before, keyword, after)) => format!("{before}{keyword} IF EXISTS{after}"),
            None => self.sql.clone(),
        }
    }

    /// Returns the text before the keyword `CONCURRENTLY` of a statement that creates or drops an
    /// index, the keyword, and the text after it.
    fn around_concurrently(&self) -> Option<(&str, &str, &str)> {
        let at = self.concurrently.or_else(|| self.usual_concurrently())?;
        let (before, rest) = self.sql.split_at_checked(at)?;
        let (keyword, after) = rest.split_at_checked(CONCURRENTLY.len())?;
        keyword.eq_ignore_ascii_case(CONCURRENTLY).then_some((before, keyword, after))
    }

    /// Returns where Kontract's own statement has the keyword `CONCURRENTLY`.
    fn usual_concurrently(&self) -> Option<usize> {
        if self.run != Mode::Alone || !self.transactional {
            return None;
        }
        let before = match &self.index {
            Some(NewIndex { unique: true, .. }) => "CREATE UNIQUE INDEX ",
            Some(_) => "CREATE INDEX ",
            None => self.drops_index.as_ref().map(|_| "DROP INDEX ")?,
        };
        Some(before.len())
    }
}
