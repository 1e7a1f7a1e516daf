//! Changes as a stream, which waits for new ones.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::Stream;
use tokio::time::{Sleep, sleep};

use super::{ChangeCursor, Changes};
use crate::api::operation::Operation;
use crate::error::{Kind, Result};

/// The shortest pause between two readings.
const SHORTEST: Duration = Duration::from_millis(5);

/// The longest pause, unless the subscription sets another one.
const LONGEST: Duration = Duration::from_millis(500);

/// Changes as a stream, which does not end: [`Table::subscribe`](crate::Table::subscribe).
///
/// It reads when it is polled, and no further than one reading ahead: a slow reader holds nothing up. Where
/// there are no new changes it waits, first 5 milliseconds, then twice as long each time, up to half a second
/// ([`at_most_every`](Subscription::at_most_every)). It holds no connection while it waits.
///
/// After an error the next poll tries again; after [`Kind::Resync`] the stream ends.
///
/// ```
/// # use kontract_doc_tables::*; queue_example(async |jobs| {
/// let mut changes = jobs.subscribe(ChangeCursor::start());
/// jobs.insert(Job { id: 1, name: "mail".into() }).await?;
/// let change = changes.next().await.unwrap()?;
/// assert_eq!((change.kind, change.record.id), (ChangeKind::Inserted, 1));
/// let kept = changes.cursor().to_string(); // from where another subscription goes on
/// # assert!(kept.len() > 10);
/// # Ok(()) })
/// ```
#[must_use = "a stream does nothing until it is polled"]
pub struct Subscription<C> {
    read: Box<dyn Fn(ChangeCursor) -> Operation<Changes<C>> + Send + Sync>,
    state: State<C>,
    ready: VecDeque<C>,
    /// The position behind the last change that was returned.
    returned: ChangeCursor,
    /// The position behind the last change that was read.
    next: ChangeCursor,
    pause: Duration,
    longest: Duration,
}

enum State<C> {
    Idle,
    Reading(Operation<Changes<C>>),
    Waiting(Pin<Box<Sleep>>),
    Ended,
}

/// A change, which knows the position behind it.
pub trait HasCursor {
    /// Returns the position behind the change.
    fn cursor(&self) -> &ChangeCursor;
}

impl<C> Subscription<C> {
    pub(super) fn new(
        after: ChangeCursor,
        read: impl Fn(ChangeCursor) -> Operation<Changes<C>> + Send + Sync + 'static,
    ) -> Subscription<C> {
        Subscription {
            read: Box::new(read),
            state: State::Idle,
            ready: VecDeque::new(),
            returned: after.clone(),
            next: after,
            pause: SHORTEST,
            longest: LONGEST,
        }
    }

    /// Sets the longest pause between two readings: how old a change may be when it is returned.
    pub fn at_most_every(mut self, pause: Duration) -> Self {
        self.longest = pause.max(SHORTEST);
        self
    }

    /// Returns the position behind the last change that the stream returned.
    pub fn cursor(&self) -> &ChangeCursor {
        if self.ready.is_empty() { &self.next } else { &self.returned }
    }

    fn wait(&mut self) {
        self.state = State::Waiting(Box::pin(sleep(self.pause)));
        self.pause = (self.pause * 2).min(self.longest);
    }
}

impl<C: HasCursor + Unpin> Subscription<C> {
    /// Returns the next change, when there is one; `None` after [`Kind::Resync`]. For loops without the
    /// traits of a stream.
    ///
    /// # Errors
    /// The errors of [`Table::changes`](crate::Table::changes).
    pub async fn next(&mut self) -> Option<Result<C>> {
        std::future::poll_fn(|context| self.poll(context)).await
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<C>>> {
        loop {
            if let Some(change) = self.ready.pop_front() {
                self.returned = change.cursor().clone();
                return Poll::Ready(Some(Ok(change)));
            }
            match &mut self.state {
                State::Idle => self.state = State::Reading((self.read)(self.next.clone())),
                State::Waiting(sleep) => {
                    ready!(sleep.as_mut().poll(context));
                    self.state = State::Idle;
                }
                State::Ended => return Poll::Ready(None),
                State::Reading(reading) => match ready!(Pin::new(reading).poll(context)) {
                    Ok(Changes { changes, next, .. }) => {
                        self.next = next;
                        if changes.is_empty() {
                            self.wait();
                        } else {
                            (self.pause, self.state) = (SHORTEST, State::Idle);
                            self.ready = changes.into();
                        }
                    }
                    Err(error) => {
                        if *error.kind() == Kind::Resync {
                            self.state = State::Ended;
                        } else {
                            self.wait();
                        }
                        return Poll::Ready(Some(Err(error)));
                    }
                },
            }
        }
    }
}

impl<C: HasCursor + Unpin> Stream for Subscription<C> {
    type Item = Result<C>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<C>>> {
        self.poll(context)
    }
}
