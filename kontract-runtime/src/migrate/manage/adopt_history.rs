//! A package that was renamed or split goes on with the history of its former key.

use std::sync::Arc;

use kontract_schema::code;

use super::{Migrator, Planned};
use crate::driver::on_driver;
use crate::error::{Error, Result};
use crate::migrate::failure::failure;
use crate::migrate::history::{Applied, State};
use crate::migrate::runner::Runner;
use crate::migrate::target::{Former, Goal, Target};
use crate::migrate::tracking;

impl Migrator {
    /// Makes the history of the key `from` the package's: for a package that was renamed. Where the
    /// history is not that of the lock file, because the package was split, only the tables of the lock
    /// file change their owner: they are compared, and all migrations count as applied. All of it is
    /// one transaction. Returns the titles of the steps.
    ///
    /// ```
    /// # use kontract_doc_tables::*; migrator_example(async |migrator| {
    /// let error = migrator.adopt_history("blog").await.unwrap_err();
    /// assert_eq!(error.code(), Some("K0468")); // the database has no history of `blog`
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// K0468: there is no such history, or the package has one. K0427: the tables differ. Then nothing
    /// was changed.
    pub async fn adopt_history(&self, from: &str) -> Result<Vec<String>> {
        let target = Arc::new(self.adoption(from).await?);
        on_driver!(&self.backend, driver => Runner::run(driver, &target).await)
    }

    /// Returns the steps of [`Migrator::adopt_history`]. Changes nothing.
    ///
    /// # Errors
    /// K0468.
    pub async fn plan_adopt_history(&self, from: &str) -> Result<Vec<Planned>> {
        let dialect = self.dialect();
        let target = self.adoption(from).await?;
        let (old, new) = (dialect.literal(from), dialect.literal(&self.package));
        let only_tables = target.former.is_some_and(|former| former.only_tables);
        let (what, statements) = if only_tables {
            let tables = self.target(Goal::AdoptHistory).own_tables(dialect);
            let tables = Vec::from_iter(tables).join(", ");
            let mut statements = vec![
                format!("-- the rows of {old} in _kontract_migrations no longer list: {tables}"),
                format!("-- {new} gets a row for each of its migrations"),
            ];
            statements.extend(self.plan_adoption(Some(self.lock.schema())).await?);
            (format!("the adoption of tables of `{from}`"), statements)
        } else {
            let update =
                format!("UPDATE _kontract_migrations SET package = {new} WHERE package = {old}");
            (format!("the adoption of the history of `{from}`"), vec![update])
        };
        Ok(vec![Planned { what, statements }])
    }

    /// Decides what is adopted.
    async fn adoption(&self, from: &str) -> Result<Target> {
        let own = &self.package;
        if !self.history().await?.is_empty() {
            let what =
                format!("the database has a history of `{own}` already; nothing was changed");
            return Err(refuse(what).with_help(
                "`kontract migrate status` shows it; `kontract migrate up` goes on with it",
            ));
        }
        let reading = self.reading()?;
        let former = tracking::read_history(&reading, from).await;
        let packages = tracking::read_packages(&mut reading.clone()).await;
        reading.close().await;
        let former = former?;
        if former.is_empty() {
            let packages = packages.unwrap_or_default();
            let known: Vec<String> =
                packages.iter().map(|(package, _)| format!("`{package}`")).collect();
            let what = format!("the database has no history of `{from}`");
            let help = if known.is_empty() {
                "it has no history of any package: `kontract migrate up` creates the tables"
                    .to_owned()
            } else {
                format!(
                    "it has histories of {}: `kontract migrate adopt-history --from KEY`",
                    known.join(", ")
                )
            };
            return Err(refuse(what).with_help(help));
        }
        let is_renamed = self.has_begun_like(&former);
        let target = self.target(Goal::AdoptHistory);
        let own_tables = target.own_tables(self.dialect());
        let packages = packages?;
        let listed = packages.iter().find(|(package, _)| package == from);
        let owns_one =
            listed.is_some_and(|(_, tables)| tables.iter().any(|one| own_tables.contains(one)));
        if !is_renamed && !owns_one {
            let what = format!(
                "the history of `{from}` has neither the migrations nor a table of `{own}`"
            );
            return Err(
                refuse(what).with_help("`kontract migrate up` runs the migrations of this package")
            );
        }
        if !is_renamed && former.last().is_some_and(|row| row.state != State::Done) {
            let what =
                format!("the history of `{from}` ends with an incomplete migration or a draft");
            return Err(refuse(what).with_help(format!(
                "finish it with `{from}` first, `kontract migrate up --package {from}`"
            )));
        }
        let mut target = target;
        target.former = Some(Former { key: from.to_owned(), only_tables: !is_renamed });
        Ok(target)
    }

    /// Whether the complete migrations of a history are the first of the lock file.
    fn has_begun_like(&self, history: &[Applied]) -> bool {
        let done: Vec<&Applied> = history.iter().filter(|row| row.state == State::Done).collect();
        let known = self.lock.migrations.iter();
        let is_same =
            |(row, known): (&&Applied, &kontract_schema::lock::Migration)| row.hash == known.hash;
        !done.is_empty()
            && done.len() <= self.lock.migrations.len()
            && done.iter().zip(known).all(is_same)
    }
}

fn refuse(what: String) -> Error {
    failure(code::HISTORY_NOT_ADOPTED, what)
}
