//! Rows one after the other, no more of them at a time than are wanted.
//!
//! A task or thread reads the rows and waits until they are taken: a few are ready, the others
//! stay in the database. Dropping the stream ends it, and the connection is free again.

use std::any::Any;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_util::Stream;
use tokio::sync::mpsc;

use super::Backend;
use super::row_sink::{RowSink, Sink};
use super::statement::{Decode, PreparedStatement};
use crate::error::{Error, Result};
use crate::value::datum::Datum;
use crate::value::row::{Binder, Reader};

/// How many rows lie ready at most.
const READY: usize = 64;

/// A row whose type only the stream knows.
pub(super) type AnyRow = Box<dyn Any + Send>;

/// Reads a row.
type ReadRow = Arc<dyn Fn(&mut dyn Reader) -> Result<AnyRow> + Send + Sync>;

/// Begins to read.
type Begin = Box<dyn FnOnce() + Send>;

/// Where rows arrive.
type Receiver = mpsc::Receiver<Result<AnyRow>>;

/// A statement whose rows are read as they are wanted.
pub(super) struct Reading {
    pub(super) query: Arc<PreparedStatement>,
    pub(super) read: ReadRow,
    pub(super) to: mpsc::Sender<Result<AnyRow>>,
    values: Vec<Datum<'static>>,
}

/// The rows of a query, one after the other, once they are polled.
///
/// It holds a connection until it ends or is dropped.
///
/// ```
/// # use kontract_doc_tables::*; example(async |users, tasks| {
/// let mut points = 0;
/// let mut rows: Rows<Task> = tasks.list().stream();
/// while let Some(task) = rows.next().await {
///     points += task?.points;
/// }
/// assert_eq!(points, 6);
/// # Ok(()) })
/// ```
#[must_use = "a stream does nothing until it is polled"]
pub struct Rows<T> {
    /// Until the first poll.
    start: Option<Begin>,
    rows: Receiver,
    of: PhantomData<fn() -> T>,
}

/// What a stream begins with, without the type of its rows.
pub(crate) struct Start {
    pub(crate) backend: Backend,
    pub(crate) query: PreparedStatement,
    pub(crate) values: Vec<Datum<'static>>,
    /// Adds to an error what was done to which table.
    pub(crate) explain: Box<dyn Fn(Error) -> Error + Send + Sync>,
}

impl<T: Send + 'static> Rows<T> {
    /// The rows of a statement; the error where it could not be built.
    pub(crate) fn new(start: Result<Start>, decode: Decode<T>) -> Rows<T> {
        let read: ReadRow = Arc::new(move |from| Ok(Box::new(decode(from)?)));
        let (start, rows) = start_reading(start, read);
        Rows { start, rows, of: PhantomData }
    }

    /// The next row; `None` behind the last one. For loops without the traits of a stream.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let mut rows = tasks.list().stream();
    /// while let Some(task) = rows.next().await {
    ///     println!("{}", task?.title);
    /// }
    /// # Ok(()) })
    /// ```
    pub async fn next(&mut self) -> Option<Result<T>> {
        std::future::poll_fn(|context| self.poll(context)).await
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        if let Some(start) = self.start.take() {
            start();
        }
        let row = ready!(self.rows.poll_recv(context));
        Poll::Ready(row.map(|row| {
            let row = row?.downcast::<T>();
            row.map(|row| *row).map_err(|_| Error::decode("a row of another type"))
        }))
    }
}

/// What starts to read, in a task of its own, and where its rows arrive.
fn start_reading(start: Result<Start>, read: ReadRow) -> (Option<Begin>, Receiver) {
    let (to, rows) = mpsc::channel(READY);
    let Start { backend, query, values, explain } = match start {
        Ok(start) => start,
        Err(error) => {
            // There is room for it.
            let _ = to.try_send(Err(error));
            return (None, rows);
        }
    };
    let begin = move || {
        let failed = to.clone();
        let reading = Reading { query: Arc::new(query), values, read, to };
        tokio::spawn(async move {
            let done = match backend {
                Backend::Postgres(postgres) => postgres.stream(reading).await,
                Backend::Sqlite(sqlite) => sqlite.stream(reading).await,
            };
            if let Err(error) = done {
                // The receiver is gone where the stream was dropped.
                let _ = failed.send(Err(explain(error))).await;
            }
        });
    };
    (Some(Box::new(begin)), rows)
}

impl<T: Send + 'static> Stream for Rows<T> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        self.poll(context)
    }
}

impl Reading {
    /// Binds the values.
    pub(super) fn bind(&self, to: &mut dyn Binder) -> Result<()> {
        self.values.iter().try_for_each(|value| to.bind(value.borrowed()))
    }

    /// A sink for all rows at once.
    pub(super) fn sink(&self) -> Sink {
        Box::new(AllRows { read: Arc::clone(&self.read), rows: Vec::new() })
    }

    /// Sends the rows of such a sink.
    pub(super) async fn send(&self, sink: Sink) {
        let sink: Box<dyn Any> = sink;
        let rows = sink.downcast::<AllRows>().map(|all| all.rows).unwrap_or_default();
        for row in rows {
            if self.to.send(Ok(row)).await.is_err() {
                break;
            }
        }
    }
}

/// All rows of a reading.
struct AllRows {
    read: ReadRow,
    rows: Vec<AnyRow>,
}

impl RowSink for AllRows {
    fn read(&mut self, from: &mut dyn Reader) -> Result<()> {
        self.rows.push((self.read)(from)?);
        Ok(())
    }

    fn count(&self) -> usize {
        self.rows.len()
    }

    fn clear(&mut self) {
        self.rows.clear();
    }
}
