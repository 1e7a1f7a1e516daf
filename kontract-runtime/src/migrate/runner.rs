//! What the runner of each database does in its own way.

use std::sync::Arc;

use kontract_schema::catalog::{Catalog, Prerequisite};

use super::plan::Shown;
use super::preview::Outlook;
use super::target::Target;
use super::tracking::Found;
use crate::error::Result;
use crate::migrate::registry::Registry;

/// Runs migrations on one kind of database.
pub(crate) trait Runner {
    /// Brings the database to the target. Returns the titles of the steps that were done.
    ///
    /// # Errors
    /// The errors of deciding and running the steps; what was committed before stays.
    fn run(&self, target: &Arc<Target>) -> impl Future<Output = Result<Vec<String>>> + Send;

    /// Drops the tables of a package, and its history. Returns the tables.
    ///
    /// # Errors
    /// Something that is not Kontract's depends on a table.
    fn reset(&self, target: &Target) -> impl Future<Output = Result<Vec<String>>> + Send;

    /// Runs a script in one transaction. `what` names it in messages.
    ///
    /// # Errors
    /// A statement fails, or ends the transaction.
    fn seed(&self, what: &str, script: &str) -> impl Future<Output = Result<()>> + Send;

    /// Creates the table of a `standalone` struct, which no registry lists.
    ///
    /// # Errors
    /// The errors of the database.
    fn create_standalone(
        &self,
        statements: &'static [&'static str],
    ) -> impl Future<Output = Result<()>> + Send;

    /// Checks the last row of the history, in one statement where the database is up to date.
    ///
    /// # Errors
    /// The errors of the database.
    fn check_last(
        &self,
        registry: &Registry,
        with_draft: bool,
    ) -> impl Future<Output = Result<Found>> + Send;

    /// Reads the live tables; on PostgreSQL those of the current schema. With an expected catalogue,
    /// expressions that the database considers equal to the expected ones read like them.
    ///
    /// # Errors
    /// The errors of the database.
    fn read_catalog(
        &self,
        expected: Option<&Catalog>,
    ) -> impl Future<Output = Result<Catalog>> + Send;

    /// Reads the objects that tables need and that no struct creates; none on SQLite.
    ///
    /// # Errors
    /// The errors of the database.
    fn read_prerequisites(&self) -> impl Future<Output = Result<Vec<Prerequisite>>> + Send;

    /// Returns what each step would find. Only reads.
    ///
    /// # Errors
    /// The errors of the database.
    fn preview(
        &self,
        target: &Target,
        steps: Vec<Shown<'_>>,
    ) -> impl Future<Output = Result<Vec<Outlook>>> + Send;
}
