//! The script that sets up a fresh database, as a server's init directory takes it: the tables of
//! the sealed schema and the history of the package, in one transaction.
//!
//! The first start of a program compares the tables with the lock file, because the rows of the
//! history that a script writes do not know the shape of the tables; no migration runs.

use kontract_schema::dialect::Dialect;
use kontract_schema::lock::LockFile;
use kontract_schema::migration::run_mode::{self, Mode};

use super::alone;
use super::decide::{Drafts, Goal, Step, Wanted};
use super::options::Options;
use super::{failure, sqlite, tracking};
use crate::error::{Error, Kind, Result};

/// The text of the script.
///
/// It fails where the package has a history in the database already.
///
/// # Errors
/// Nothing is sealed, or the history is one that only a program can run.
pub fn fresh(dialect: Dialect, package: &str, lock: &LockFile) -> Result<String> {
    let goal = Goal::Up { until: None, drafts: Drafts::Without };
    let wanted = Wanted::new(lock.clone(), "", goal, Options::default());
    let statements = match wanted.next(dialect, &[])? {
        Some(Step::Create(statements)) => statements,
        Some(_) => history(dialect, lock)?,
        None => {
            return Err(failure(
                "K0311",
                "nothing is sealed yet, so that there is nothing to set up",
            )
            .with_help("seal what the source says: `kontract migrate create init`"));
        }
    };
    let run = match dialect {
        Dialect::Postgres => "psql -v ON_ERROR_STOP=1 -f FILE \"$DATABASE_URL\"",
        Dialect::Sqlite => "sqlite3 -bail NEW.db < FILE",
    };
    let mut text = format!(
        "-- The tables of {package} at version {}, with their history, for an empty database:\n-- {run}\n\nBEGIN;\n",
        lock.version
    );
    for statement in tables_of_the_runner(dialect).iter().map(|text| (*text).to_owned()) {
        text += &format!("\n{statement};\n");
    }
    text += &format!("\n{};\n", rows(dialect, package, lock, &wanted.tables()));
    for statement in statements {
        text += &format!("\n{statement};\n");
    }
    Ok(text + "\nCOMMIT;\n")
}

/// The statements of all migrations: for a history that carries data.
fn history(dialect: Dialect, lock: &LockFile) -> Result<Vec<String>> {
    let scripts = || lock.migrations.iter().map(|migration| migration.sql.of(dialect));
    if scripts().any(|script| script.rebuild) {
        return Err(only_a_program("rebuilds tables"));
    }
    let is_rust = |statement: &String| run_mode::is_rust_call(statement);
    if scripts().flat_map(|script| &script.up).any(is_rust) {
        return Err(only_a_program("calls Rust"));
    }
    let fits = |(mode, sql): (Mode, &str)| match mode {
        Mode::Together => true,
        Mode::Alone => alone::fits_in_transaction(sql),
        Mode::Repeat => dialect == Dialect::Postgres && !sql.contains(QUOTE),
    };
    if !scripts().flat_map(|script| &script.up).all(|statement| fits(run_mode::mode(statement))) {
        return Err(only_a_program("repeats statements, or runs some outside of a transaction"));
    }
    let statements = scripts().flat_map(|script| alone::together(&script.up));
    let text = |(mode, statement): (Mode, std::borrow::Cow<'_, str>)| match mode {
        Mode::Repeat => format!(
            "DO {QUOTE} BEGIN\n  LOOP\n    {statement};\n    EXIT WHEN NOT FOUND;\n  END LOOP;\nEND {QUOTE}"
        ),
        _ => statement.into_owned(),
    };
    Ok(statements.map(text).collect())
}

/// Around a statement that a script repeats.
const QUOTE: &str = "$kontract$";

/// What a rebuild would drop, such as triggers of a manual migration, a program saves and restores.
fn only_a_program(does: &str) -> Error {
    let what = format!("the history has manual migrations and {does}, which no script can do");
    Error::new(Kind::Migration, what)
        .with_help("let the program set the database up: it runs the history at its first start")
}

fn tables_of_the_runner(dialect: Dialect) -> Vec<&'static str> {
    match dialect {
        Dialect::Postgres => vec![tracking::CREATE_POSTGRES],
        Dialect::Sqlite => sqlite::BOOTSTRAP.to_vec(),
    }
}

/// One statement for all rows: it writes all of them or none.
fn rows(dialect: Dialect, package: &str, lock: &LockFile, tables: &str) -> String {
    let now = match dialect {
        Dialect::Postgres => "(extract(epoch FROM now()) * 1000)::bigint",
        Dialect::Sqlite => "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
    };
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
