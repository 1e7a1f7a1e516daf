//! The code of a Rust migration while it runs: it asks for statements, and waits for their answers.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Context, Poll};

use kontract_schema::code;
use kontract_schema::dialect::Dialect;
use kontract_schema::lock::Step as Statement;
use tokio::sync::mpsc;

use super::{Boxed, Code, MigrationDb, Request, RustMigration, Way};
use crate::driver::statement::{Columns, Done};
use crate::error::{DatabaseError, Error, Kind, Result};
use crate::migrate::failure::{failure, shorten};

/// The code of a migration, and its direction.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    pub(crate) migration: RustMigration,
    pub(crate) way: Way,
}

/// A call that has begun.
pub(crate) struct Running {
    /// Until it has ended.
    code: Option<Boxed<'static>>,
    asked: mpsc::UnboundedReceiver<Request>,
    /// The statement that ran last.
    last: Option<Arc<Statement>>,
    /// Whether the database refused one.
    refused: bool,
}

/// What the code does next.
pub(crate) enum Event {
    /// It asks for a statement, and waits for the answer.
    Asks(Request),
    /// It has ended.
    Ends(Result<()>),
}

impl Call {
    /// Begins the call. `generated` are the statements that it runs by `update_schema`.
    pub(crate) fn begin(self, dialect: Dialect, generated: Vec<Statement>) -> Running {
        let (asks, asked) = mpsc::unbounded_channel();
        let code: &'static dyn Code = self.migration.code;
        let run = async move {
            let mut db = MigrationDb { dialect, generated: Some(generated), asks };
            code.run(self.way, &mut db).await?;
            match db.generated {
                Some(left) if !left.is_empty() => Err(failure(
                    code::MIGRATION_FAILED,
                    "it ended without calling `update_schema`, so the tables were not changed",
                )
                .with_help("call `db.update_schema().await?` on every path through it")),
                _ => Ok(()),
            }
        };
        Running { code: Some(Box::pin(run)), asked, last: None, refused: false }
    }
}

impl Running {
    /// Runs the code until it asks for a statement, or ends.
    pub(crate) async fn next(&mut self) -> Event {
        poll_fn(|context| self.poll(context)).await
    }

    /// Gives the answer to the code.
    pub(crate) fn answer(&mut self, request: Request, answer: Result<Done<Columns>>) {
        self.last = Some(Arc::clone(&request.statement));
        self.refused |= answer.as_ref().is_err_and(|error| error.database().is_some());
        request.answer(answer);
    }

    /// How the code ended: an error of it, or one that it ignored.
    pub(crate) fn end(&self, what: &str, result: Result<()>) -> Result<()> {
        // PostgreSQL does nothing more in a transaction after an error, and what SQLite would do is
        // not left to chance.
        let went_on = || {
            failure(code::MIGRATION_FAILED, "a statement failed, and the code ignored the error")
                .with_help("return the error; check first, for instance with `query`, whether a statement can succeed")
        };
        let result = match (result, self.refused) {
            (Ok(()), true) => Err(went_on()),
            (result, _) => result,
        };
        result.map_err(|error| self.explain(what, error))
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Event> {
        let Some(code) = &mut self.code else { return Poll::Ready(Event::Ends(Ok(()))) };
        // What panics is not polled again.
        let polled = catch_unwind(AssertUnwindSafe(|| code.as_mut().poll(context)));
        let ended = match polled {
            Ok(Poll::Pending) => match self.asked.poll_recv(context) {
                Poll::Ready(Some(request)) => return Poll::Ready(Event::Asks(request)),
                Poll::Ready(None) | Poll::Pending => return Poll::Pending,
            },
            Ok(Poll::Ready(result)) => result,
            Err(panic) => Err(failure(
                code::MIGRATION_FAILED,
                format!("it panicked: {}", panic_text(&*panic)),
            )),
        };
        self.code = None;
        Poll::Ready(Event::Ends(ended))
    }

    /// Its error, with the name of the migration and the statement that failed.
    fn explain(&self, what: &str, error: Error) -> Error {
        match error.kind() {
            Kind::Timeout | Kind::Retry | Kind::Connection => return error.doing(what.to_owned()),
            _ => {}
        }
        let why = error.message();
        let mut explained = failure(code::MIGRATION_FAILED, format!("{what} failed: {why}"));
        let is_own = *error.kind() == Kind::Migration;
        if !is_own || error.database().is_some() {
            explained = explained.with_source(DatabaseError::from_error(&error));
        }
        match (error.help(), &self.last) {
            (Some(help), _) => explained.with_help(help.to_owned()),
            (None, Some(last)) if !is_own => {
                explained.with_help(format!("the statement is `{}`", shorten(&last.sql)))
            }
            _ => explained,
        }
    }
}

/// The text of a panic.
fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no text")
}
