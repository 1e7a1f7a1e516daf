//! The script that sets up an empty database, for instance in a server's init directory: the tables
//! of the sealed schema and the history of the package, in one transaction.
//!
//! The script does not record the shape of the tables, so the first start of a program compares them
//! with the lock file; no migration runs.

use kontract_schema::code;
use kontract_schema::dialect::Dialect;
use kontract_schema::lock::LockFile;

use super::decide::decide;
use super::failure::failure;
use super::history_sql::HistorySql;
use super::options::Options;
use super::statements;
use super::step::Step;
use super::target::{Drafts, Goal, Target};
use crate::error::{Error, Kind, Result};

/// The text of the script.
///
/// It fails where the package has a history in the database already.
///
/// # Errors
/// Nothing is sealed, or the history is one that only a program can run.
pub fn fresh(dialect: Dialect, package: &str, lock: &LockFile) -> Result<String> {
    let goal = Goal::Up { until: None, drafts: Drafts::Revert };
    let target = Target::new(lock.clone(), "", goal, Options::default());
    let statements = match decide(&target, dialect, &[])? {
        Some(Step::Create(statements)) => statements.into_iter().map(|one| one.sql).collect(),
        Some(_) => list_history(dialect, lock)?,
        None => {
            return Err(failure(
                code::SEAL,
                "nothing is sealed yet, so there is nothing to set up",
            )
            .with_help("seal the schema of the source: `kontract migrate create init`"));
        }
    };
    let HistorySql { create, run_script, .. } = HistorySql::for_dialect(dialect);
    let mut text = format!(
        "-- The tables of {package} at version {}, with their history, for an empty database:\n-- {run_script}\n\nBEGIN;\n",
        lock.version
    );
    for statement in *create {
        text += &format!("\n{statement};\n");
    }
    let tables = serde_json::Value::from_iter(target.own_tables(dialect)).to_string();
    text += &format!("\n{};\n", insert_rows(dialect, package, lock, &tables));
    for statement in statements {
        text += &format!("\n{statement};\n");
    }
    Ok(text + "\nCOMMIT;\n")
}

/// The statements of all migrations, for a history with manual ones.
fn list_history(dialect: Dialect, lock: &LockFile) -> Result<Vec<String>> {
    let scripts = || lock.migrations.iter().map(|migration| migration.sql.for_dialect(dialect));
    if scripts().any(|script| script.rebuild) {
        return Err(needs_program("rebuilds tables"));
    }
    if scripts().any(statements::calls_rust) {
        return Err(needs_program("calls Rust"));
    }
    let mut texts = Vec::new();
    for script in scripts() {
        let Some(inside) = statements::read_for_script(dialect, &script.up) else {
            return Err(needs_program("repeats statements, or runs some outside of a transaction"));
        };
        texts.extend(inside);
    }
    Ok(texts)
}

/// Only a program saves and restores what a rebuild drops, such as triggers of a manual migration.
fn needs_program(does: &str) -> Error {
    let what = format!("the history has manual migrations and {does}, which a script cannot do");
    Error::new(Kind::Migration, what)
        .with_help("let the program set the database up: it runs the history at its first start")
}

/// One statement for all rows: it writes all of them or none.
fn insert_rows(dialect: Dialect, package: &str, lock: &LockFile, tables: &str) -> String {
    let now = HistorySql::for_dialect(dialect).now;
    let text = |text: &str| dialect.literal(text);
    let row = |migration: &kontract_schema::lock::Migration| {
        let (name, hash) = (text(&migration.name), text(&migration.hash));
        let (package, tables) = (text(package), text(tables));
        format!(
            "\n  ({package}, {}, {name}, {hash}, 'done', NULL, {now}, {tables}, '')",
            migration.version
        )
    };
    let rows: Vec<String> = lock.migrations.iter().map(row).collect();
    format!(
        "INSERT INTO _kontract_migrations \
         (package, version, name, hash, state, reverse, applied_at, tables, shape) VALUES{}",
        rows.join(",")
    )
}
