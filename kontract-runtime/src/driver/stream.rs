//! Rows one after the other, no more of them at a time than are wanted.
//!
//! A task or thread reads the rows and waits where nobody takes them: a few lie ready, the others
//! stay in the database. Dropping the stream ends it, and the connection is free again.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::Stream;
use tokio::sync::mpsc;

use super::Backend;
use super::statement::{Decode, PreparedStatement};
use crate::error::{Error, Result};
use crate::value::datum::Datum;

/// How many rows lie ready at most.
const READY: usize = 64;

/// A statement whose rows are read as they are wanted.
pub(super) struct Reading<T> {
    pub(super) query: Arc<PreparedStatement>,
    pub(super) values: Vec<Datum<'static>>,
    pub(super) decode: Decode<T>,
    pub(super) to: mpsc::Sender<Result<T>>,
}

/// The rows of a query, one after the other, once they are polled.
///
/// It holds a connection until it ends or is dropped.
#[must_use = "a stream does nothing until it is polled"]
pub struct Rows<T> {
    /// Until the first poll.
    start: Option<Box<dyn FnOnce() + Send>>,
    rows: mpsc::Receiver<Result<T>>,
}

impl<T: Send + 'static> Rows<T> {
    pub(crate) fn new(
        backend: Backend,
        query: PreparedStatement,
        values: Vec<Datum<'static>>,
        decode: Decode<T>,
        explain: impl Fn(Error) -> Error + Send + Sync + 'static,
    ) -> Rows<T> {
        let (to, rows) = mpsc::channel(READY);
        let start = move || {
            let failed = to.clone();
            let reading = Reading { query: Arc::new(query), values, decode, to };
            tokio::spawn(async move {
                let done = match backend {
                    Backend::Postgres(postgres) => postgres.stream(reading).await,
                    Backend::Sqlite(sqlite) => sqlite.stream(reading).await,
                };
                if let Err(error) = done {
                    // Nobody listens any more where the stream was dropped.
                    let _ = failed.send(Err(explain(error))).await;
                }
            });
        };
        Rows { start: Some(Box::new(start)), rows }
    }

    /// Rows that cannot be had.
    pub(crate) fn failed(error: Error) -> Rows<T> {
        let (to, rows) = mpsc::channel(1);
        // It has room for one.
        let _ = to.try_send(Err(error));
        Rows { start: None, rows }
    }

    /// The next row; `None` behind the last one. For loops without the traits of a stream.
    pub async fn next(&mut self) -> Option<Result<T>> {
        self.begin();
        self.rows.recv().await
    }

    fn begin(&mut self) {
        if let Some(start) = self.start.take() {
            start();
        }
    }
}

impl<T: Send + 'static> Stream for Rows<T> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        self.begin();
        self.rows.poll_recv(context)
    }
}

impl<T> Reading<T> {
    /// Binds the values.
    pub(super) fn bind(&self, to: &mut dyn crate::value::row::Binder) -> Result<()> {
        self.values.iter().try_for_each(|value| to.bind(value.clone()))
    }
}
