//! The call of a Rust migration, from the side of the runner, which runs what it asks for.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Context, Poll};

use kontract_schema::dialect::Dialect;
use tokio::sync::mpsc;

use super::super::decide::{Step, Wanted};
use super::super::{failure, shown};
use super::{Asked, Boxed, Code, MigrationDb, Request, Row, RustMigration, Way};
use crate::driver::postgres::Session;
use crate::driver::sqlite::Connection;
use crate::driver::statement::Done;
use crate::error::{DatabaseError, Error, Kind, Result};
use crate::value::row::Binder;

/// What a migration calls, and in which direction.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Call {
    migration: RustMigration,
    way: Way,
}

/// A call that is under way.
struct Running {
    /// Until it has ended.
    code: Option<Boxed<'static>>,
    asked: mpsc::UnboundedReceiver<Request>,
    /// The statement that ran last.
    last: Option<Arc<str>>,
    /// Whether the database refused one.
    refused: bool,
}

/// What it does next.
enum Event {
    /// It asks for a statement, and waits for the answer.
    Asks(Request),
    /// It has ended.
    Ends(Result<()>),
}

impl Call {
    /// Begins it. `generated` are the statements that it runs by `update_schema`.
    fn begin(self, dialect: Dialect, generated: Vec<String>) -> Running {
        let (asks, asked) = mpsc::unbounded_channel();
        let code: &'static dyn Code = self.migration.code;
        let run = async move {
            let mut db = MigrationDb { dialect, generated: Some(generated), asks };
            code.run(self.way, &mut db).await?;
            match db.generated {
                Some(left) if !left.is_empty() => Err(failure(
                    "K0425",
                    "it ended without a call of `update_schema`, so that the tables stay as they were",
                )
                .with_help("call `db.update_schema().await?` on every way through it")),
                _ => Ok(()),
            }
        };
        Running { code: Some(Box::pin(run)), asked, last: None, refused: false }
    }
}

impl Running {
    /// What it does next.
    async fn next(&mut self) -> Event {
        poll_fn(|context| self.poll(context)).await
    }

    /// Gives it the answer.
    fn answer(&mut self, request: Request, answer: Result<Done<Row>>) {
        self.last = Some(Arc::clone(&request.text));
        self.refused |= answer.as_ref().is_err_and(|error| error.database().is_some());
        request.answer(answer);
    }

    /// How it ended.
    fn end(&self, what: &str, result: Result<()>) -> Result<()> {
        // PostgreSQL does nothing more in a transaction after an error, and what SQLite would do is
        // not left to chance.
        let went_on = || {
            failure("K0425", "a statement of it failed, and it went on")
                .with_help("return the error; look first where a statement may fail, for instance with `query`")
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
            Err(panic) => Err(failure("K0425", format!("it panicked: {}", said(&*panic)))),
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
        let explained = failure("K0425", format!("{what} failed: {why}"));
        let source = match (error.database(), error.kind()) {
            (Some(said), _) => Some(said.clone()),
            (None, Kind::Migration) => None,
            (None, _) => Some(DatabaseError::of(&error)),
        };
        let help = match (error.help(), &self.last) {
            (Some(help), _) => Some(help.to_owned()),
            (None, Some(last)) if *error.kind() != Kind::Migration => {
                Some(format!("the statement is `{}`", shown(last)))
            }
            _ => None,
        };
        let explained = match source {
            Some(source) => explained.with_source(source),
            None => explained,
        };
        match help {
            Some(help) => explained.with_help(help),
            None => explained,
        }
    }
}

impl Wanted {
    /// What a step calls; none where it is not Rust.
    ///
    /// # Errors
    /// It calls code that this program does not have.
    pub(in super::super) fn call(&self, step: &Step) -> Result<Option<Call>> {
        let of = |index: Option<usize>| self.migration(index).and_then(|m| m.manual.as_ref());
        let (manual, way) = match step {
            Step::Reverse { is_draft: true, way_back, .. } => (way_back.rust.as_ref(), Way::Down),
            Step::Reverse { version, .. } => {
                (of(Some((*version as usize).wrapping_sub(1))), Way::Down)
            }
            Step::Apply { index } => (of(*index), Way::Up),
            Step::Continue { index, .. } => (of(Some(*index)), Way::Up),
            Step::Create(_) | Step::Seal { .. } | Step::Adopt { .. } | Step::Repair { .. } => {
                return Ok(None);
            }
        };
        let Some(manual) = manual.filter(|manual| manual.file.ends_with(".rs")) else {
            return Ok(None);
        };
        let is_it =
            |known: &&RustMigration| known.file == manual.file && known.checksum == manual.checksum;
        match self.rust.iter().find(is_it) {
            Some(migration) => Ok(Some(Call { migration: *migration, way })),
            None if matches!(step, Step::Reverse { is_draft: true, .. })
                && !self.rust.is_empty() =>
            {
                let what = format!(
                    "the draft that this database has taken in was made by `{}`, which is another one by now",
                    manual.file
                );
                Err(failure("K0424", what).with_help(
                    "make the database anew with `kontract refresh`, or delete it by hand: it was only for development",
                ))
            }
            None => {
                let what = format!(
                    "{} is Rust, `{}`, which only the program can run",
                    self.title(step),
                    manual.file
                );
                Err(failure("K0460", what).with_help("start the program, which runs it; or have a command of the program call `Storage::migrator(url)`, which can do what `kontract migrate` can. What is before it, `kontract migrate up --to VERSION` runs"))
            }
        }
    }
}

/// Runs the code of a step on PostgreSQL. `generated` are the statements of its `update_schema`.
pub(in super::super) async fn on_postgres(
    session: &mut Session,
    wanted: &Wanted,
    step: &Step,
    generated: Vec<String>,
) -> Result<()> {
    let Some(call) = wanted.call(step)? else { return Ok(()) };
    let mut running = call.begin(Dialect::Postgres, generated);
    loop {
        let request = match running.next().await {
            Event::Asks(request) => request,
            Event::Ends(result) => return running.end(&wanted.title(step), result),
        };
        let answer = match &request.query {
            None => {
                let done = session.execute(&request.text).await;
                done.map(|affected| Done { rows: Vec::new(), affected })
            }
            Some(asked) => session.run(&asked.query, &|to| asked.bind(to), asked.read).await,
        };
        running.answer(request, answer);
    }
}

/// The same on SQLite, from a thread that may block.
pub(in super::super) fn on_sqlite(
    connection: &Connection<'_>,
    wanted: &Wanted,
    step: &Step,
    generated: Vec<String>,
) -> Result<()> {
    let Some(call) = wanted.call(step)? else { return Ok(()) };
    let mut running = call.begin(Dialect::Sqlite, generated);
    tokio::runtime::Handle::current().block_on(async {
        loop {
            let request = match running.next().await {
                Event::Asks(request) => request,
                Event::Ends(result) => return running.end(&wanted.title(step), result),
            };
            let answer = match &request.query {
                None => {
                    let done = connection.execute_counted(&request.text);
                    done.map(|affected| Done { rows: Vec::new(), affected })
                }
                Some(asked) => {
                    connection.run_counted(&asked.query, &|to| asked.bind(to), asked.read)
                }
            };
            running.answer(request, answer);
        }
    })
}

impl Asked {
    fn bind(&self, to: &mut dyn Binder) -> Result<()> {
        self.values.iter().try_for_each(|value| to.bind(value.clone()))
    }
}

/// What a panic says.
fn said(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no text")
}
