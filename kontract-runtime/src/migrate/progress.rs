//! What a run knows and has done so far.

use super::executor::Executor;
use super::history::History;
use super::statement_origin;
use super::step::Step;
use super::target::Target;
use super::tracking;
use crate::error::Result;

/// What a run knows and has done so far.
#[derive(Default)]
pub(super) struct Progress {
    pub(super) history: History,
    /// The titles of the steps that were done; a migration of more than one step is listed once.
    pub(super) titles: Vec<String>,
    /// Whether the pending migrations were compared with what their changes generate.
    is_compared: bool,
}

impl Progress {
    /// Reads what is new in the history.
    pub(super) async fn read<E: Executor>(
        &mut self,
        executor: &mut E,
        target: &Target,
    ) -> Result<()> {
        let known = self.history.known_version();
        let rows = tracking::read_after(executor, &target.package, known).await?;
        self.history.extend(rows, target.is_up());
        Ok(())
    }

    /// Compares the pending migrations with what their changes generate, before the first step that may
    /// run their statements.
    ///
    /// # Errors
    /// K0409.
    pub(super) fn check_statements(&mut self, target: &Target, step: &Step) -> Result<()> {
        if self.is_compared || matches!(step, Step::Create(_)) {
            return Ok(());
        }
        self.is_compared = true;
        statement_origin::check(target, self.history.rows())
    }

    /// Lists a step that was done.
    pub(super) fn finish(&mut self, title: String) {
        if self.titles.last() != Some(&title) {
            self.titles.push(title);
        }
    }
}
