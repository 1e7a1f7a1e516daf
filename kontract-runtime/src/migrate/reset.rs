//! Development databases: dropping the tables of a package, and inserting rows by scripts. The
//! caller must know that the database is for development.

use std::collections::BTreeSet;

use kontract_schema::catalog::Catalog;
use kontract_schema::dialect::{drop_tables, print_drop_type};
use kontract_schema::lock::Step as Statement;
use kontract_schema::migration::run_mode::Mode;

use super::action::Action;
use super::interpreter::Interpreter;
use super::known_objects::KnownObjects;
use super::tracking::{self, Package};
use crate::error::{DatabaseError, Error, Kind, Result};

/// Drops the tables of a package, and its history, in one transaction. Returns the tables.
///
/// # Errors
/// Something that is not Kontract's depends on a table.
pub(super) async fn drop_all<I: Interpreter>(
    interpreter: &mut I,
    package: &str,
) -> Result<Vec<String>> {
    let done = drop_tables_of(interpreter, package).await;
    if done.is_err() {
        interpreter.rollback().await;
    }
    done
}

async fn drop_tables_of<I: Interpreter>(interpreter: &mut I, package: &str) -> Result<Vec<String>> {
    let dialect = interpreter.dialect();
    interpreter.run_own(Action::BeginTransaction { rebuilds: true }, "").await?;
    interpreter.run_own(Action::WatchObjects(KnownObjects::default()), "").await?;
    let packages = tracking::read_packages(interpreter).await?;
    let live = interpreter.read_catalog(None).await?;
    let tables = list_own(package, &packages, &live);
    for statement in drop_tables(dialect, &tables) {
        let statement = Statement::read(dialect, Mode::Together, &statement);
        interpreter.execute_statement(&statement).await.map_err(explain_dependent)?;
    }
    // What else uses an enum type keeps it.
    for name in list_enums(&tables, &live) {
        interpreter.execute(&print_drop_type(name)).await.map_err(explain_dependent)?;
    }
    interpreter.run_own(Action::CompareObjects, "").await.map_err(explain_dependent)?;
    tracking::forget(interpreter, package).await?;
    interpreter.run_own(Action::Commit, "").await?;
    Ok(tables)
}

/// Returns the package's tables that exist, without those of other packages.
fn list_own(package: &str, packages: &[Package], live: &Catalog) -> Vec<String> {
    let (own, others): (Vec<_>, Vec<_>) = packages.iter().partition(|(name, _)| name == package);
    let names = |packages: Vec<&Package>| -> BTreeSet<String> {
        packages.into_iter().flat_map(|(_, tables)| tables).cloned().collect()
    };
    let (own, others) = (names(own), names(others));
    own.difference(&others).filter(|name| live.tables.contains_key(*name)).cloned().collect()
}

/// Returns the enum types that columns of the tables have.
fn list_enums<'a>(tables: &[String], live: &'a Catalog) -> BTreeSet<&'a str> {
    let tables = tables.iter().filter_map(|name| live.tables.get(name));
    let types = tables.flat_map(|table| table.columns.values()).map(|column| column.ty.as_str());
    let elements = types.map(|ty| ty.strip_suffix("[]").unwrap_or(ty));
    elements.filter(|ty| live.enums.contains_key(*ty)).collect()
}

fn explain_dependent(error: Error) -> Error {
    explain("the tables cannot be dropped, nothing was changed", error)
        .with_help("drop first what depends on them and is not managed by Kontract")
}

/// Explains the error of a statement; an error of the connection stays as it is.
fn explain(what: &str, error: Error) -> Error {
    match error.kind() {
        Kind::Connection | Kind::Timeout | Kind::Retry | Kind::Migration => error,
        _ => {
            let explained = Error::new(Kind::Migration, format!("{what}: {}", error.message()));
            explained.with_source(DatabaseError::from_error(&error))
        }
    }
}

/// Runs a script in one transaction. `what` names it in messages.
///
/// # Errors
/// A statement fails; then nothing of the script was done. A statement ends the transaction.
pub(super) async fn run_script<I: Interpreter>(
    interpreter: &mut I,
    what: &str,
    script: &str,
) -> Result<()> {
    let done = run_in_transaction(interpreter, what, script).await;
    if done.is_err() {
        interpreter.rollback().await;
    }
    done.map_err(|error| explain(&format!("{what} failed and was rolled back"), error))
}

async fn run_in_transaction<I: Interpreter>(
    interpreter: &mut I,
    what: &str,
    script: &str,
) -> Result<()> {
    interpreter.run_own(Action::BeginTransaction { rebuilds: false }, what).await?;
    interpreter.execute(script).await?;
    if !interpreter.is_same_transaction().await? {
        return Err(Error::new(Kind::Migration, format!("{what} ended its transaction"))
            .with_help("remove BEGIN, COMMIT and ROLLBACK: a script is one transaction"));
    }
    interpreter.adopt_written_rows().await?;
    interpreter.run_own(Action::Commit, what).await
}
