//! What a start of a program does: one statement where the database is up to date, otherwise a run.

use std::sync::Arc;

use kontract_schema::catalog::{Catalog, Difference, compare, expected};
use kontract_schema::code;
use kontract_schema::lock::LockFile;
use kontract_schema::model::Schema;

use super::decide::decide;
use super::failure::failure;
use super::live_tables::refuse_differences;
use super::options::Options;
use super::runner::Runner;
use super::target::{Drafts, Goal, Target};
use super::tracking::{self, Found, is_missing_column, is_missing_table};
use crate::driver::{Backend, on_driver};
use crate::error::{Kind, Result};
use crate::migrate::registry::Registry;

/// Brings the database to the schema of the program; one statement where it is up to date. Returns
/// the version of the database where a newer program has migrated it further.
///
/// # Errors
/// The errors of the connection and of the migrations.
pub(crate) async fn bring_up_to_date(
    backend: &Backend,
    registry: &'static Registry,
) -> Result<Option<u32>> {
    let with_draft = applies_draft(backend, registry)?;
    let found = check_last(backend, registry, with_draft).await?;
    match found {
        // A program without tables. The statement has shown that the database can be reached.
        _ if registry.version == 0 && !with_draft => return Ok(None),
        Found::UpToDate => return Ok(None),
        Found::Changed => {
            verify(backend, registry).await?;
            let (package, version) = (registry.package, registry.version);
            return match tracking::record_shape(&mut backend.clone(), package, version).await {
                // A role that may only read compares the tables at each start.
                Err(error) if *error.kind() != Kind::Denied => Err(error),
                _ => Ok(None),
            };
        }
        Found::Other => {}
    }
    let drafts = if with_draft { Drafts::Apply } else { Drafts::Revert };
    let goal = Goal::Up { until: None, drafts };
    let target = Target::new(read_lock(registry)?, registry.package, goal, Options::from_env()?);
    let target = target.with_rust(registry.migrations).with_generators(registry.list_generators());
    // Reading needs no lock.
    if let Some(history) = tracking::read_current(backend, registry.package).await?
        && decide(&target, backend.dialect(), &history)?.is_none()
    {
        let last = history.last().map(|row| row.version);
        return Ok(last.filter(|version| *version > target.lock.version && !with_draft));
    }
    let target = Arc::new(target);
    on_driver!(backend, driver => Runner::run(driver, &target).await).map(|_| None)
}

/// Reads the last row, in one statement where the database is up to date, and checks it.
async fn check_last(backend: &Backend, registry: &Registry, with_draft: bool) -> Result<Found> {
    match on_driver!(backend, driver => driver.check_last(registry, with_draft).await) {
        Err(error) if is_missing_table(&error) || is_missing_column(&error) => Ok(Found::Other),
        // A changed draft is taken back as a whole.
        Ok(Found::Changed) if with_draft => Ok(Found::UpToDate),
        found => found,
    }
}

/// Whether this program applies its draft to this database.
///
/// # Errors
/// K0423: there is a draft, and it does not.
fn applies_draft(backend: &Backend, registry: &Registry) -> Result<bool> {
    if registry.draft.is_none() {
        return Ok(false);
    }
    let is_development = std::env::var("KONTRACT_ENV").is_ok_and(|value| value == "development");
    let is_server = backend.dialect().capabilities().server;
    if registry.debug && (!is_server || is_development) {
        return Ok(true);
    }
    let help = if registry.debug {
        "seal them with `KONTRACT_SEAL=name cargo build`; on a development server set `KONTRACT_ENV=development`"
    } else {
        "seal them with `KONTRACT_SEAL=name cargo build`"
    };
    let what =
        "the program has unsealed schema changes, and drafts are not applied to this database";
    Err(failure(code::DRAFT_REFUSED, what).with_help(help))
}

/// Reads the lock file in the program.
///
/// # Errors
/// K0429.
pub(super) fn read_lock(registry: &Registry) -> Result<LockFile> {
    LockFile::read(registry.lock).map_err(|error| {
        failure(
            code::EMBEDDED_LOCK,
            format!("the lock file in the program cannot be read: {error:?}"),
        )
        .with_help("build the program again")
    })
}

/// Compares the live tables with those of the lock file.
///
/// # Errors
/// K0427, which names the differences.
pub(crate) async fn verify(backend: &Backend, registry: &'static Registry) -> Result<()> {
    refuse_differences(&differences(backend, &read_lock(registry)?.schema()).await?)
}

/// How the live tables differ from those of a schema.
pub(super) async fn differences(backend: &Backend, schema: &Schema) -> Result<Vec<Difference>> {
    let wanted: Catalog = expected(backend.dialect(), schema);
    let live = on_driver!(backend, driver => driver.read_catalog(Some(&wanted)).await)?;
    Ok(compare(&wanted, &live))
}
