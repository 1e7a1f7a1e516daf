//! Turns a step into the actions that run it, in their order. Only the database and the
//! guarantees of its connection change the list. Pure.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use kontract_schema::catalog::{Catalog, expected};
use kontract_schema::dialect::Dialect;
use kontract_schema::lock::{Migration, Step as Statement};
use kontract_schema::migration::run_mode::{Group, Mode};

use super::action::Action;
use super::decide::decide;
use super::failure::{Scope, is_unclear, needs_direct, never_ends};
use super::guarantees::Guarantees;
use super::history::{Applied, NewRow, Reversal, State};
use super::known_objects::KnownObjects;
use super::left_tables::LeftTables;
use super::rust_call::{Call, find_call};
use super::statements::{self, Inside, read_inside};
use super::step::Step;
use super::table_owners;
use super::tables_at::TablesAt;
use super::target::{Former, Target};
use super::undo::Undo;
use super::way_back::{self, LaterLoss};
use crate::error::Result;

/// What earlier steps of a run have checked for all its steps.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Checked {
    /// The owners of the tables.
    pub(super) owners: bool,
    /// What the version of the database has left.
    pub(super) tables: bool,
}

impl Checked {
    /// Adds what these actions check, once they are done.
    pub(super) fn after(self, actions: &[Action<'_>]) -> Checked {
        let any = |is_check: fn(&Action<'_>) -> bool| actions.iter().any(is_check);
        Checked {
            owners: self.owners || any(|action| matches!(action, Action::CheckOwners(_))),
            tables: self.tables || any(|action| matches!(action, Action::CheckLeftTables(_))),
        }
    }
}

/// Returns the actions of a step.
///
/// # Errors
/// The step cannot run here: K0441, K0449, K0460, or a statement that would never end.
pub(super) fn execute<'a>(
    target: &'a Target,
    guarantees: &Guarantees,
    step: &'a Step,
    history: &[Applied],
    checked: Checked,
) -> Result<Vec<Action<'a>>> {
    let migration = step.index().and_then(|index| target.migration(index));
    let call = find_call(target, step)?;
    let dialect = guarantees.dialect;
    let group = match (step, migration) {
        (Step::Continue { done, .. }, Some(migration)) => {
            statements::read_group(dialect, migration, *done)?
        }
        _ => None,
    };
    let plan = Plan {
        target,
        guarantees,
        step,
        migration,
        call,
        history,
        tables: table_owners::list_after(target, dialect, step).into(),
        rebuilds: !dialect.capabilities().alter_constraints
            && rebuilds_tables(step, migration, group.is_some()),
        watches: watches_objects(dialect, step, group.is_some()),
        later_losses: match step {
            Step::Reverse { .. } if !checked.tables => {
                way_back::list_later_losses(target, dialect, history)?
            }
            _ => Vec::new(),
        },
        is_manual: is_manual(step, migration, group.is_some()),
        actions: Vec::new(),
    };
    plan.list(group, checked)
}

/// Builds the actions of a step.
struct Plan<'a, 'c> {
    target: &'a Target,
    guarantees: &'c Guarantees,
    step: &'a Step,
    migration: Option<&'a Migration>,
    call: Option<Call>,
    history: &'c [Applied],
    /// JSON of the package's tables after the step.
    tables: Arc<str>,
    rebuilds: bool,
    watches: bool,
    /// What later steps of the way back would lose, if this is the first.
    later_losses: Vec<LaterLoss<'a>>,
    is_manual: bool,
    actions: Vec<Action<'a>>,
}

/// Returns whether a step may drop a table that others refer to, in order to rebuild it.
fn rebuilds_tables(step: &Step, migration: Option<&Migration>, has_group: bool) -> bool {
    let rebuilds = migration.is_some_and(|migration| migration.sql.sqlite.rebuild);
    match step {
        Step::Reverse { .. } | Step::Undo(_) => true,
        Step::Apply { .. } => rebuilds,
        Step::Continue { .. } => rebuilds && has_group,
        _ => false,
    }
}

/// Returns whether the user wrote statements of a step, which may change the session.
fn is_manual(step: &Step, migration: Option<&Migration>, has_group: bool) -> bool {
    let is_manual = migration.is_some_and(|migration| migration.manual.is_some());
    match step {
        Step::Reverse { .. } | Step::Undo(_) => true,
        Step::Apply { .. } => is_manual,
        Step::Continue { .. } => is_manual && has_group,
        _ => false,
    }
}

/// Returns whether a step changes tables of the user in a database that does not refuse to drop what
/// other objects depend on.
fn watches_objects(dialect: Dialect, step: &Step, has_group: bool) -> bool {
    let changes = match step {
        Step::Apply { .. } | Step::Reverse { .. } | Step::Undo(_) => true,
        Step::Continue { .. } => has_group,
        _ => false,
    };
    changes && !dialect.capabilities().alter_constraints
}

impl<'a> Plan<'a, '_> {
    fn list(mut self, group: Option<Group<'a>>, checked: Checked) -> Result<Vec<Action<'a>>> {
        // Under a lock that spans all steps, no other runner migrates after the first check.
        if self.guarantees.lock_spans_steps && !checked.owners {
            self.check_owners(true);
        }
        if !checked.tables && self.begins_with_tables() {
            self.check_left_tables();
        }
        if let Some(Group { mode, first, steps }) = group {
            return match (mode, &steps[..]) {
                (Mode::Alone, [statement]) => self.run_alone(first, statement),
                (Mode::Repeat, [statement]) => self.repeat(first, statement),
                _ => {
                    self.run_group(first, steps.into_iter().map(read_inside).collect());
                    Ok(self.actions)
                }
            };
        }
        self.begin();
        match self.step {
            Step::Create(statements) => self.create(statements),
            Step::Apply { .. } => self.apply(),
            Step::Reverse { version, is_draft, reversal } => {
                self.reverse(*version, *is_draft, reversal);
            }
            Step::Adopt { from, to } => self.adopt(*from, *to),
            Step::ResolveStatement { done, .. } => self.record(State::Running, *done),
            Step::ResolveApplied { index } => self.resolve_applied(*index),
            Step::Undo(undo) => self.undo(undo),
            Step::AdoptHistory(former) => self.adopt_history(former),
            Step::Continue { .. } | Step::Seal { .. } => self.record(State::Done, 0),
        }
        if let Some(wanted) = self.expect_tables()? {
            let is_back = matches!(self.step, Step::Reverse { .. });
            self.push(Action::CompareTables { wanted, is_back });
        }
        self.end();
        Ok(self.actions)
    }

    fn push(&mut self, action: Action<'a>) {
        self.actions.push(action);
    }

    fn begin(&mut self) {
        self.push(Action::BeginTransaction { rebuilds: self.rebuilds });
        if !self.guarantees.lock_spans_steps {
            self.push(Action::CheckHistory { last: self.history.last().cloned() });
            self.check_owners(false);
        }
        if self.watches {
            self.push(Action::WatchObjects(self.list_known()));
        }
    }

    /// Whether the step changes tables that the version of the database has left.
    fn begins_with_tables(&self) -> bool {
        let changes =
            matches!(self.step, Step::Apply { .. } | Step::Continue { .. } | Step::Reverse { .. });
        changes && !self.target.accepts_differences
    }

    /// Compares the tables with what the version of the database has left, in a transaction of its own.
    fn check_left_tables(&mut self) {
        let left = LeftTables::new(self.target, self.guarantees.dialect, self.history);
        if left.is_empty() {
            return;
        }
        self.push(Action::BeginTransaction { rebuilds: false });
        if !self.guarantees.lock_spans_steps {
            self.push(Action::CheckHistory { last: self.history.last().cloned() });
        }
        self.push(Action::CheckLeftTables(left));
        self.push(Action::Commit);
    }

    fn end(&mut self) {
        if self.guarantees.keeps_session_state && self.is_manual {
            self.push(Action::CleanSession);
        }
        self.push(Action::Commit);
    }

    /// Checks the owners of the tables; with `all`, also of the tables of later steps.
    fn check_owners(&mut self, all: bool) {
        let dialect = self.guarantees.dialect;
        let mut tables = table_owners::list_claimed(self.target, dialect, self.step);
        if all && !tables.is_empty() {
            tables.extend(table_owners::list_pending(self.target, dialect, self.history));
        }
        if !tables.is_empty() {
            self.push(Action::CheckOwners(tables));
        }
    }

    fn create(&mut self, statements: &'a [Statement]) {
        self.push(Action::CheckExistingTables(self.target.lock.schema()));
        // Before the statements, which add a constraint only if its name is unused.
        self.rename_constraints();
        self.run(statements, Scope::Migration);
        self.record_all(&self.target.lock.migrations);
    }

    fn adopt(&mut self, from: usize, to: usize) {
        let schema = self.target.unchanged_after(to);
        let help =
            "change them by hand, or adopt the version that they are at; nothing was changed";
        self.push(Action::CheckAdoptedTables { schema, help });
        self.rename_constraints();
        self.record_all(&self.target.lock.migrations[from..to]);
    }

    fn resolve_applied(&mut self, index: usize) {
        let schema = self.target.unchanged_after(index + 1);
        let help = "run by hand what is missing, and the command again; or let `kontract migrate up` finish the migration; nothing was changed";
        self.push(Action::CheckAdoptedTables { schema, help });
        self.rename_constraints();
        self.record_all(&self.target.lock.migrations[index..=index]);
    }

    fn undo(&mut self, undo: &'a Undo) {
        self.push(Action::Undo(undo));
        self.take_back();
        self.push(Action::DeleteRow { version: undo.version });
    }

    fn adopt_history(&mut self, former: &'a Former) {
        let from = &former.key;
        if !former.only_tables {
            self.push(Action::MoveHistory { from });
            return;
        }
        let tables = self.target.own_tables(self.guarantees.dialect);
        self.push(Action::MoveTables { from, tables: tables.clone() });
        self.push(Action::CheckOwners(tables));
        let schema = self.target.lock.schema();
        let help = "migrate them with the former package first, so that they are as in this lock file; nothing was changed";
        self.push(Action::CheckAdoptedTables { schema, help });
        self.rename_constraints();
        self.record_all(&self.target.lock.migrations);
    }

    fn rename_constraints(&mut self) {
        if self.guarantees.dialect.capabilities().alter_constraints {
            self.push(Action::RenameConstraints);
        }
    }

    fn apply(&mut self) {
        let Some(migration) = self.migration else { return };
        let script = migration.sql.for_dialect(self.guarantees.dialect);
        self.check_violations();
        self.run(&script.up, Scope::Migration);
        self.take_back();
        let is_draft = matches!(self.step, Step::Apply { index: None });
        self.record(if is_draft { State::Draft } else { State::Done }, 0);
    }

    fn reverse(&mut self, version: u32, is_draft: bool, reversal: &'a Reversal) {
        let draft = is_draft.then_some(version);
        for query in &reversal.loses {
            self.push(Action::CheckLoss { query, draft });
        }
        let losses = std::mem::take(&mut self.later_losses).into_iter();
        self.actions.extend(losses.map(Action::CheckLaterLoss));
        self.run(&reversal.statements, Scope::Migration);
        self.take_back();
        self.push(Action::DeleteRow { version });
    }

    /// Runs a group in one transaction.
    fn run_group(&mut self, first: usize, group: Vec<Inside<'a>>) {
        let before = first - 1;
        let done = before + group.len();
        self.begin();
        if self.is_beginning() {
            self.begin_migration(State::Running);
        }
        self.run_inside(group, first, Scope::Group { done: before });
        self.take_back();
        self.record(State::Running, done);
        self.end();
    }

    /// Runs a group that is one statement outside a transaction. A row before it records that it
    /// was started, a row after it that it is done.
    fn run_alone(mut self, number: usize, statement: &'a Statement) -> Result<Vec<Action<'a>>> {
        let title = self.step.title(self.target);
        if !self.guarantees.runs_outside_transactions {
            return Err(needs_direct(&title, number, &statement.sql));
        }
        let started = matches!(self.step, Step::Continue { started: true, .. });
        if started && statement.is_unclear_if_interrupted() {
            return Err(is_unclear(&title, number, &statement.sql));
        }
        let Some(migration) = self.migration else { return Ok(self.actions) };
        self.start(number);
        let dialect = self.guarantees.dialect;
        let row = self.target.row(dialect, migration, State::Running, &self.tables);
        let failed = NewRow { step: number - 1, ..row };
        self.push(Action::RunAlone { statement, number, started, failed });
        self.clean();
        self.record(State::Running, number);
        Ok(self.actions)
    }

    /// Runs a group that is one statement in batches.
    fn repeat(mut self, number: usize, statement: &'a Statement) -> Result<Vec<Action<'a>>> {
        if statement.endless {
            return Err(never_ends(&self.step.title(self.target), number, &statement.sql));
        }
        self.start(number);
        self.push(Action::Repeat { statement, number });
        self.clean();
        self.record(State::Running, number);
        Ok(self.actions)
    }

    /// Records that a statement outside the runner's own transactions starts.
    fn start(&mut self, number: usize) {
        if self.is_beginning() {
            self.begin_migration(State::Started);
        } else {
            self.record(State::Started, number - 1);
        }
    }

    /// Looks for rows that violate the migration, and records what the tables are before it.
    fn begin_migration(&mut self, state: State) {
        self.check_violations();
        let Some(migration) = self.migration else { return };
        let dialect = self.guarantees.dialect;
        let mut tables = self.target.own_tables(dialect);
        // Also those that a later migration drops.
        let scripts = self.target.lock.migrations.iter().map(|one| one.sql.for_dialect(dialect));
        let statements = scripts.flat_map(|script| &script.up);
        tables.extend(statements.flat_map(statements::named_tables).cloned());
        let row = self.target.row(dialect, migration, state, &self.tables);
        self.push(Action::RecordBeginning { row, tables });
    }

    /// Returns whether no statement of the migration has run.
    fn is_beginning(&self) -> bool {
        matches!(self.step, Step::Continue { done: 0, started: false, .. })
    }

    fn check_violations(&mut self) {
        let Some(migration) = self.migration else { return };
        let obstacles = &migration.sql.for_dialect(self.guarantees.dialect).obstacles;
        if !obstacles.is_empty() {
            self.push(Action::CheckViolations(obstacles));
        }
    }

    fn run(&mut self, statements: &'a [Statement], scope: Scope) {
        let inside = statements::read_together(statements);
        self.run_inside(inside, 1, scope);
    }

    fn run_inside(&mut self, statements: Vec<Inside<'a>>, first: usize, scope: Scope) {
        for (statement, number) in statements.into_iter().zip(first..) {
            match statement {
                Inside::Sql { statement, repeats } => {
                    self.push(Action::Run { statement, number, scope, repeats });
                }
                Inside::Rust { generated } => {
                    if let Some(call) = self.call {
                        self.push(Action::CallRust { call, generated });
                    }
                }
            }
        }
    }

    /// Runs after the statements of a transaction, and before its row.
    fn take_back(&mut self) {
        if self.guarantees.keeps_session_state {
            self.push(Action::TakeBackSession { is_manual: self.is_manual });
        }
        if self.watches {
            self.push(Action::CompareObjects);
        }
    }

    fn list_known(&self) -> KnownObjects {
        let is_manual = self.migration.is_some_and(|one| one.manual.is_some());
        let is_reverse = matches!(self.step, Step::Reverse { .. });
        let dialect = self.guarantees.dialect;
        let mut known = KnownObjects::read(self.target, dialect, self.step);
        known.is_manual = is_manual && !is_reverse;
        known.keeps_rows = !is_manual && self.migration.is_some();
        match (self.step, self.migration) {
            (Step::Reverse { reversal, .. }, _) => known.add_rebuilt(&reversal.statements),
            (Step::Undo(undo), _) => known.add_rebuilt(&undo.statements),
            (_, Some(migration)) => known.add_rebuilt(&migration.sql.for_dialect(dialect).up),
            _ => {}
        }
        known
    }

    /// Runs after a statement outside the runner's own transactions.
    fn clean(&mut self) {
        if self.guarantees.keeps_session_state
            && self.guarantees.runs_outside_transactions
            && self.is_manual
        {
            self.push(Action::TakeBackSession { is_manual: true });
            self.push(Action::CleanSession);
        }
    }

    fn record(&mut self, state: State, step: usize) {
        let Some(migration) = self.migration else { return };
        let row = self.target.row(self.guarantees.dialect, migration, state, &self.tables);
        let is_complete = matches!(state, State::Done | State::Draft);
        let is_newest = is_complete && self.target.is_newest(migration.version);
        let row = NewRow { step, ..row };
        self.push(Action::RecordRow { row, is_newest });
    }

    fn record_all(&mut self, migrations: &'a [Migration]) {
        for migration in migrations {
            let dialect = self.guarantees.dialect;
            let row = self.target.row(dialect, migration, State::Done, &self.tables);
            let is_newest = self.target.is_newest(migration.version);
            self.push(Action::RecordRow { row, is_newest });
        }
    }

    /// Returns the tables that the step leads to, if they are compared at its end: after the last step, and
    /// after a migration that a user wrote, which may hide an error. The statements of others are known.
    fn expect_tables(&self) -> Result<Option<Catalog>> {
        let dialect = self.guarantees.dialect;
        if self.reaches_sealed_schema()? {
            return Ok(Some(expected(dialect, &self.target.lock.schema())));
        }
        let is_written = self.migration.is_some_and(|one| one.manual.is_some());
        let ends = match self.step {
            Step::Apply { .. } | Step::Continue { .. } => true,
            Step::Reverse { is_draft, .. } => !is_draft && !self.target.accepts_differences,
            _ => false,
        };
        if !is_written || !ends {
            return Ok(None);
        }
        let mut history = self.history.to_vec();
        self.step.history_after(self.target, &mut history);
        let tables = TablesAt::after_history(self.target, dialect, &history).catalog(dialect);
        Ok(Some(tables).filter(|tables| !tables.tables.is_empty()))
    }

    /// Returns whether the database is at the sealed schema after the step.
    fn reaches_sealed_schema(&self) -> Result<bool> {
        if !self.target.ends_sealed() || matches!(self.step, Step::ResolveStatement { .. }) {
            return Ok(false);
        }
        if let Step::Apply { index: Some(index) } = self.step
            && index + 1 < self.target.end()
        {
            return Ok(false);
        }
        let mut history = self.history.to_vec();
        self.step.history_after(self.target, &mut history);
        Ok(decide(self.target, self.guarantees.dialect, &history)?.is_none())
    }
}
