//! Reads the statements of a script of the lock file: the one place that knows how they are written
//! there. Pure.

use std::borrow::Cow;
use std::collections::BTreeSet;

use kontract_schema::dialect::Dialect;
use kontract_schema::lock::{Migration, Script};
use kontract_schema::migration::run_mode::{self, Mode};

use super::alone::{self, Alone};
use super::capabilities::Capabilities;
use super::failure::failure;
use crate::error::Result;

/// The prefix of the names of Kontract's own tables, and of temporary ones.
const OWN: &str = "_kontract";

/// A statement that runs within a transaction.
#[derive(Debug, PartialEq)]
pub(super) enum Inside<'a> {
    /// SQL. One that `repeats` runs until it changes no row.
    Sql { text: Cow<'a, str>, repeats: bool },
    /// Calls the Rust code of the migration, with the statements of its `update_schema`.
    Rust { generated: Vec<String> },
}

/// Statements that run together.
#[derive(Debug, PartialEq)]
pub(super) struct Group<'a> {
    /// The number of the first statement, from 1.
    pub(super) first: usize,
    pub(super) run: Run<'a>,
}

/// How a group runs.
#[derive(Debug, PartialEq)]
pub(super) enum Run<'a> {
    /// In one transaction.
    Together(Vec<Inside<'a>>),
    /// One statement, outside a transaction.
    Alone { text: &'a str, kind: Alone<'a> },
    /// One statement, each time in a transaction of its own, until it changes no row.
    Repeat { text: &'a str, counts_rows: bool },
}

/// Whether all statements of a script run in one transaction.
pub(super) fn is_one_transaction(script: &Script) -> bool {
    script.up.iter().all(|statement| run_mode::mode(statement).0 == Mode::Together)
}

/// The statements for one transaction, also those that otherwise run outside one.
pub(super) fn read_together(dialect: Dialect, statements: &[String]) -> Vec<Inside<'_>> {
    alone::together(statements)
        .map(|(mode, text)| match run_mode::of_rust_call(dialect, &text) {
            Some(generated) => Inside::Rust { generated },
            None => {
                let repeats = mode == Mode::Repeat && alone::counts_its_rows(&text);
                Inside::Sql { text, repeats }
            }
        })
        .collect()
}

/// The group that comes after `done` statements of a migration; `None` after the last one.
///
/// # Errors
/// K0422: no group ends there.
pub(super) fn read_group(
    dialect: Dialect,
    migration: &Migration,
    done: usize,
) -> Result<Option<Group<'_>>> {
    let up = &migration.sql.of(dialect).up;
    let next = run_mode::groups(up).into_iter().find(|group| group.first > done);
    let first = next.as_ref().map_or(up.len() + 1, |group| group.first);
    if first != done + 1 {
        let what = format!(
            "no group of statements of migration {} ends at statement {done}",
            migration.version
        );
        return Err(failure("K0422", what)
            .with_help("its row in `_kontract_migrations` was changed; restore it"));
    }
    Ok(next.map(|group| Group { first: group.first, run: read_run(dialect, group) }))
}

fn read_run<'a>(dialect: Dialect, group: run_mode::Group<'a>) -> Run<'a> {
    match (group.mode, &group.statements[..]) {
        (Mode::Alone, &[text]) => Run::Alone { text, kind: alone::read(text) },
        (Mode::Repeat, &[text]) => Run::Repeat { text, counts_rows: alone::counts_its_rows(text) },
        (_, statements) => Run::Together(
            statements
                .iter()
                .map(|text| match run_mode::of_rust_call(dialect, text) {
                    Some(generated) => Inside::Rust { generated },
                    None => Inside::Sql { text: Cow::Borrowed(text), repeats: false },
                })
                .collect(),
        ),
    }
}

/// The statements as one transaction runs them, with their marks, for people.
pub(super) fn show_together(statements: &[String]) -> Vec<String> {
    alone::together(statements).map(|(mode, statement)| mode.mark(&statement)).collect()
}

/// The tables that migrations create or rename to, as the database stores their names.
pub(super) fn created_tables<'a>(
    dialect: Dialect,
    migrations: impl IntoIterator<Item = &'a Migration>,
) -> BTreeSet<String> {
    let statements = migrations.into_iter().flat_map(|migration| &migration.sql.of(dialect).up);
    let created = statements.filter_map(|text| alone::created_table(text));
    created.filter(|name| !name.starts_with(OWN)).collect()
}

/// Whether a statement of the script creates something.
pub(super) fn creates(script: &Script) -> bool {
    let creates = |statement: &String| {
        statement.get(..7).is_some_and(|word| word.eq_ignore_ascii_case("CREATE "))
    };
    script.up.iter().any(creates)
}

/// Whether a statement of the script calls Rust.
pub(super) fn calls_rust(script: &Script) -> bool {
    script.up.iter().any(|statement| run_mode::is_rust_call(statement))
}

/// The quotes around a statement that a script repeats.
const QUOTE: &str = "$kontract$";

/// The statements as a SQL script runs them in one transaction; `None` where it cannot.
pub(super) fn read_for_script(dialect: Dialect, statements: &[String]) -> Option<Vec<String>> {
    let fits = |statement: &String| match run_mode::mode(statement) {
        (Mode::Together, _) => true,
        (Mode::Alone, sql) => alone::fits_in_transaction(sql),
        (Mode::Repeat, sql) => Capabilities::of(dialect).has_loops && !sql.contains(QUOTE),
    };
    if !statements.iter().all(fits) {
        return None;
    }
    let text = |(mode, statement): (Mode, Cow<'_, str>)| match mode {
        Mode::Repeat => format!(
            "DO {QUOTE} BEGIN\n  LOOP\n    {statement};\n    EXIT WHEN NOT FOUND;\n  END LOOP;\nEND {QUOTE}"
        ),
        _ => statement.into_owned(),
    };
    Some(alone::together(statements).map(text).collect())
}
