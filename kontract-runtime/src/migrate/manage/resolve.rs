//! What an interrupted migration did, and how it is resolved.

use kontract_schema::catalog::{compare, expected};
use kontract_schema::code;

use super::Migrator;
use crate::driver::on_driver;
use crate::error::Result;
use crate::migrate::failure::failure;
use crate::migrate::history::{Applied, State};
use crate::migrate::resolution::Resolution;
use crate::migrate::runner::Runner;
use crate::migrate::target::Goal;
use crate::migrate::tracking;

/// A migration that was interrupted, or is running: what is done of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// Its version.
    pub version: u32,
    /// Its name.
    pub name: String,
    /// Its statements with what is known of each; empty if its row and the lock file do not have them.
    pub statements: Vec<(Progress, String)>,
    /// Whether the lock file has the same migration.
    pub is_sealed: bool,
    /// Whether it has a way back.
    pub has_way_back: bool,
    /// What is different from the tables before it; `None` if they were not recorded.
    pub since_before: Option<Vec<String>>,
    /// What is missing of the tables after it, as far as no later migration changes them; `None` if the
    /// lock file has no migration of that version.
    pub until_after: Option<Vec<String>>,
}

/// What is known of a statement of an interrupted migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It is done.
    Done,
    /// It was started, and goes on or runs again without harm.
    Started,
    /// It was started, and it is unknown whether it took effect.
    Unclear,
    /// It was not run.
    Pending,
}

impl Migrator {
    /// Returns what is done of a migration that was interrupted, or that another process runs now;
    /// `None` if all are complete. It reads the history and the tables, and changes nothing.
    ///
    /// ```
    /// # use kontract_doc_tables::*; migrator_example(async |migrator| {
    /// migrator.up(None).await?;
    /// assert_eq!(migrator.unfinished().await?, None);
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// [`Kind::Connection`](crate::Kind::Connection) if the database cannot be reached.
    pub async fn unfinished(&self) -> Result<Option<Unfinished>> {
        let history = self.history().await?;
        let Some(row) = find_unfinished(&history) else { return Ok(None) };
        let dialect = self.dialect();
        let index = (row.version as usize).saturating_sub(1);
        let known = self.lock.migrations.get(index);
        let is_sealed = known.is_some_and(|known| known.hash == row.hash);
        let script = known.filter(|_| is_sealed).map(|known| known.sql.for_dialect(dialect));
        let (statements, has_way_back) = match (row.begun(dialect), script) {
            (Some(begun), _) => (begun.up, begun.reversal.is_some()),
            (None, Some(script)) => (script.up.clone(), script.down.is_some()),
            (None, None) => (Vec::new(), false),
        };
        let progress = |at: usize, is_unclear: bool| match (at, row.state) {
            (at, _) if at < row.step => Progress::Done,
            (at, State::Started) if at == row.step && is_unclear => Progress::Unclear,
            (at, State::Started) if at == row.step => Progress::Started,
            _ => Progress::Pending,
        };
        let statements = statements.iter().zip(0..).map(|(statement, at)| {
            (progress(at, statement.is_unclear_if_interrupted()), statement.to_text())
        });
        let statements = statements.collect();
        let target = self.target(Goal::Resolve(Resolution::Applied));
        let mut reading = self.reading()?;
        let before = tracking::read_before(&mut reading, &self.package, row.version).await?;
        let since_before = match before {
            Some(before) => {
                let live = on_driver!(&reading, driver => driver.read_catalog(None).await)?;
                Some(before.compare(&live))
            }
            None => None,
        };
        let until_after = match known {
            Some(_) => {
                let wanted = expected(dialect, &target.unchanged_after(index + 1));
                let live =
                    on_driver!(&reading, driver => driver.read_catalog(Some(&wanted)).await)?;
                Some(compare(&wanted, &live).iter().map(ToString::to_string).collect())
            }
            None => None,
        };
        reading.close().await;
        Ok(Some(Unfinished {
            version: row.version,
            name: row.name.clone(),
            statements,
            is_sealed,
            has_way_back,
            since_before,
            until_after,
        }))
    }

    /// Resolves a migration that was interrupted: it is undone or counts as applied as a whole, or its
    /// interrupted statement counts as done or runs again. Returns the titles of the steps.
    ///
    /// ```
    /// # use kontract_doc_tables::*; migrator_example(async |migrator| {
    /// let error = migrator.resolve(Resolution::StatementAgain).await.unwrap_err();
    /// assert_eq!(error.code(), Some("K0445")); // nothing was interrupted
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// Nothing was interrupted. K0465: it cannot be undone by statements. K0427: the tables are not as
    /// after the migration. Then nothing was changed.
    pub async fn resolve(&self, how: Resolution) -> Result<Vec<String>> {
        let history = self.history().await?;
        let found = find_unfinished(&history);
        let is_about_statement =
            matches!(how, Resolution::StatementDone | Resolution::StatementAgain);
        let is_started = found.is_some_and(|row| row.state == State::Started);
        if found.is_none() || (is_about_statement && !is_started) {
            let what = if is_about_statement { "statement" } else { "migration" };
            return Err(failure(
                code::NOTHING_TO_RESOLVE,
                format!("the database has no interrupted {what} to resolve"),
            )
            .with_help("`kontract migrate status` shows the state of each migration; `kontract migrate up` runs those that are pending"));
        }
        self.reach(Goal::Resolve(how)).await
    }
}

/// The row of an incomplete migration.
fn find_unfinished(history: &[Applied]) -> Option<&Applied> {
    history.last().filter(|row| matches!(row.state, State::Running | State::Started))
}
