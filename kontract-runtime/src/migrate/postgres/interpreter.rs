//! Runs the actions that PostgreSQL does in its own way: on one session, which holds the lock.

use std::time::Duration;

use kontract_schema::catalog::Catalog;
use kontract_schema::dialect::Dialect;
use kontract_schema::lock::Step as Statement;

use super::history::insert_text;
use super::{catalog, concurrent_index};
use crate::driver::postgres::Session;
use crate::driver::statement::{BoundStatement, Columns, Done};
use crate::error::{Error, Result};
use crate::migrate::action::Action;
use crate::migrate::executor::{Executor, Queries};
use crate::migrate::failure::{ended_transaction, lost_lock};
use crate::migrate::guarantees::Guarantees;
use crate::migrate::history::State;
use crate::migrate::interpreter::Interpreter;

/// What the server does while a session waits for one of its statements: it sends keep-alives every
/// minute, which firewalls and balancers need, and checks every second whether the client is there,
/// so that the lock of a killed runner is free soon. Not every server has both.
pub(super) const KEEP_ALIVE: &str = "DO $$ DECLARE setting TEXT[]; BEGIN FOREACH setting SLICE 1 IN ARRAY \
    ARRAY[['tcp_keepalives_idle', '60'], ['client_connection_check_interval', '1000']] LOOP BEGIN \
    PERFORM set_config(setting[1], setting[2], false); \
    EXCEPTION WHEN OTHERS THEN NULL; END; END LOOP; END $$; ";

/// The runner's session.
pub(super) struct PostgresInterpreter<'s> {
    pub(super) session: &'s mut Session,
    /// SQL that is true as long as the session holds the lock.
    lock_condition: String,
    /// How long a statement waits for a table.
    statement_patience: Duration,
    /// The open transaction.
    transaction: Option<i64>,
}

impl<'s> PostgresInterpreter<'s> {
    /// Runs actions on a session that holds the lock.
    pub(super) fn new(
        session: &'s mut Session,
        lock_condition: String,
        statement_patience: Duration,
    ) -> PostgresInterpreter<'s> {
        PostgresInterpreter { session, lock_condition, statement_patience, transaction: None }
    }

    /// What this session guarantees.
    pub(super) fn guarantees(&self) -> Guarantees {
        let runs_outside_transactions = !self.session.is_never_alone();
        Guarantees { runs_outside_transactions, ..Guarantees::POSTGRES }
    }

    /// The number of the open transaction: another one where a statement ended it.
    async fn transaction_id(&mut self) -> Result<Option<i64>> {
        let ids: Vec<(i64,)> = self.session.fetch("SELECT txid_current()", ()).await?;
        Ok(ids.first().map(|(id,)| *id))
    }

    /// Begins a transaction.
    async fn begin(&mut self) -> Result<()> {
        self.session.begin().await?;
        self.transaction = self.transaction_id().await?;
        Ok(())
    }

    /// Commits it.
    async fn commit(&mut self) -> Result<()> {
        self.transaction = None;
        self.session.commit().await
    }

    async fn take_back_session(&mut self, is_manual: bool, title: &str) -> Result<()> {
        if self.transaction.is_some() && !self.is_same_transaction().await? {
            return Err(ended_transaction(title, None));
        }
        if is_manual {
            self.session.send(&take_over(self.session)).await?;
        }
        Ok(())
    }

    async fn check_lock(&mut self, title: &str) -> Result<()> {
        if self.session.is_never_alone() {
            return Ok(());
        }
        match self.session.send(&format!("SELECT WHERE {}", self.lock_condition)).await? {
            0 => Err(self.lost_lock(title)),
            _ => Ok(()),
        }
    }

    /// Sends the rest of a step in one message where that is possible: a transaction with the row of
    /// a migration, after which others follow. With many of them, round trips are what counts. The
    /// message fails where a statement ended the transaction, or released the lock. Returns whether
    /// it was sent.
    ///
    /// # Errors
    /// Some statement failed, and nothing was done; which one is found by running the actions one by
    /// one.
    pub(super) async fn send_at_once(&mut self, actions: &[Action<'_>]) -> Result<bool> {
        // A row without statements replaces one that is there, which the message does not.
        if !actions.iter().any(|action| matches!(action, Action::Run { .. })) {
            return Ok(false);
        }
        let Some(text) = self.as_message(actions) else { return Ok(false) };
        self.session.send_transaction(&text).await.map(|()| true)
    }

    fn as_message(&self, actions: &[Action<'_>]) -> Option<String> {
        // The setting ends with the transaction, and without it the row is refused.
        let mut text = "SET LOCAL kontract.inside = 'yes';\n".to_owned();
        let mut has_row = false;
        for action in actions {
            match action {
                // Rows that violate a change make its statement fail.
                Action::BeginTransaction { .. } | Action::CheckViolations(_) | Action::Commit => {}
                Action::Run { statement, repeats: false, .. } => {
                    text += &format!("{}\n;\n", statement.sql)
                }
                Action::TakeBackSession { is_manual: false } => {}
                Action::TakeBackSession { is_manual: true } => text += &take_over(self.session),
                Action::RecordRow { row, is_newest: false } if row.state == State::Done => {
                    text += &format!("{};\n", insert_text(row, &self.lock_condition));
                    has_row = true;
                }
                Action::CleanSession => text += &clean(self.session),
                _ => return None,
            }
        }
        has_row.then_some(text)
    }
}

/// Ends the role and the settings of a migration, before the runner goes on in its transaction.
fn take_over(session: &Session) -> String {
    format!("RESET ROLE; SET SESSION AUTHORIZATION DEFAULT; {}", session.opening())
}

/// Removes from the session what a migration left there. Through a pooler, other programs use the
/// session afterwards.
fn clean(session: &Session) -> String {
    let settings = session.opening();
    let after = if session.is_pooled() {
        format!("SELECT pg_advisory_unlock_all(); {settings}")
    } else {
        format!("{KEEP_ALIVE}{}", settings.replace("SET LOCAL ", "SET "))
    };
    format!("CLOSE ALL; UNLISTEN *; DISCARD TEMP; RESET ALL; {after}")
}

impl Queries for PostgresInterpreter<'_> {
    fn dialect(&self) -> Dialect {
        self.session.dialect()
    }

    async fn run(&mut self, statement: &BoundStatement) -> Result<Done<Columns>> {
        self.session.run(statement).await
    }
}

impl Executor for PostgresInterpreter<'_> {
    async fn execute(&mut self, text: &str) -> Result<u64> {
        self.session.execute(text).await
    }
}

impl Interpreter for PostgresInterpreter<'_> {
    async fn run_own(&mut self, action: Action<'_>, title: &str) -> Result<()> {
        match action {
            Action::BeginTransaction { .. } => self.begin().await,
            Action::Commit => self.commit().await,
            Action::TakeBackSession { is_manual } => self.take_back_session(is_manual, title).await,
            Action::CleanSession => self.session.send(&clean(self.session)).await.map(drop),
            _ => Ok(()),
        }
    }

    async fn run_alone(&mut self, statement: &Statement, started: bool) -> Result<()> {
        let (session, patience) = (&mut *self.session, self.statement_patience);
        if let Some(index) = &statement.index {
            concurrent_index::create(session, &statement.sql, index, started, patience).await
        } else if statement.drops_index.is_some() && statement.transactional {
            concurrent_index::run_patiently(session, &statement.sql_again(), patience).await
        } else {
            session.execute(&statement.sql).await.map(drop)
        }
    }

    async fn is_same_transaction(&mut self) -> Result<bool> {
        Ok(self.transaction_id().await? == self.transaction)
    }

    async fn rollback(&mut self) {
        if self.transaction.take().is_some() {
            // Where the connection is gone, so is the transaction.
            let _ = self.session.rollback().await;
        }
    }

    async fn prove_lock(
        &mut self,
        next: &Action<'_>,
        title: &str,
        _number: Option<usize>,
    ) -> Result<()> {
        // Within a transaction, the statement that writes the row proves it.
        match next {
            Action::RunAlone { .. } | Action::TakeBackSession { .. }
                if self.transaction.is_none() =>
            {
                self.check_lock(title).await
            }
            _ => Ok(()),
        }
    }

    fn lock_condition(&self) -> &str {
        &self.lock_condition
    }

    fn lost_lock(&self, title: &str) -> Error {
        lost_lock(title, self.transaction.is_some())
    }

    async fn run_batch(&mut self, statement: &str, title: &str, _number: usize) -> Result<u64> {
        self.check_lock(title).await?;
        self.session.execute(statement).await
    }

    async fn pause(&mut self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    async fn adopt_written_rows(&mut self) -> Result<()> {
        Ok(())
    }

    async fn read_catalog(&mut self, expected: Option<&Catalog>) -> Result<Catalog> {
        catalog::read_as(self.session, expected).await
    }
}
