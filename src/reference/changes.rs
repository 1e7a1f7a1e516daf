//! Changes: the rows that were inserted, updated and deleted since a position.
//!
//! ```
//! # use kontract::changes::{ChangeCursor, ChangeKind};
//! # use kontract::prelude::*;
//! #[derive(Clone, Debug, PartialEq, Table)]
//! #[table(layout = "columns", standalone, versioned, track, soft_delete)]
//! pub struct Order {
//!     #[primkey]
//!     id: i64,
//!     total: f64,
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> kontract::Result<()> {
//! # let storage = kontract::storage::Base::open("sqlite::memory:").await?;
//! # storage.create::<Order>().await?;
//! let orders: kontract::Table<Order> = storage.table();
//! orders.insert(Order { id: 1, total: 9.5 }).await?;
//!
//! let mut cursor = ChangeCursor::start(); // all rows that exist, then their changes
//! loop {
//!     let read = orders.changes(cursor).await?;
//!     for change in &read.changes {
//!         println!("{:?} order {}", change.kind, change.record.id);
//!     }
//!     cursor = read.next; // keep it: `cursor.to_string()`
//!     if !read.has_more {
//!         break;
//!     }
//! }
//! # orders.delete(1).await?;
//! # assert_eq!(orders.changes(cursor).await?.changes[0].kind, ChangeKind::Deleted);
//! # Ok(()) }
//! ```
//!
//! # Methods
//!
//! | call | meaning |
//! |---|---|
//! | `storage.orders.changes(cursor).await?` | [`Changes`](crate::changes::Changes) of one table since the cursor. |
//! | `storage.changes(cursor).await?` | Changes of all tracked tables, as [`AnyChange`](crate::changes::AnyChange); `change.change_of::<Order>()?` returns the record. |
//! | `storage.orders.subscribe(cursor)`, `storage.subscribe(cursor)` | A [`Subscription`](crate::changes::Subscription): a stream that waits for new changes. |
//! | `storage.consumer("mailer").await?` | A [`Consumer`](crate::changes::Consumer), whose cursor is in the database. |
//! | `storage.change_lag().await?` | How far the feed is behind; see [Delay](#delay). |
//! | `storage.restart_changes().await?` | Makes all cursors invalid. |
//!
//! # Tables
//!
//! A table of the layout `document` is tracked. A table of columns needs `#[table(track, soft_delete)]`: without
//! deletion marks a deleted row would leave no trace, so `changes` does not compile. With `versioned`, a new row
//! ([`Inserted`](crate::changes::ChangeKind::Inserted)) differs from a changed one.
//!
//! # What is delivered
//!
//! - The last state of a row, not its history: a row that changed three times between two readings is delivered
//!   once. A row that was inserted and changed in between is `Updated`, and one that was also deleted is
//!   `Deleted`: treat a change of an unknown row as an insert.
//! - In the order of transaction numbers; within a transaction by table and key. Later states of one row come
//!   later.
//! - Each state at least once, none skipped: also if transactions end in another order than they began, are
//!   rolled back, or their process is killed. A reader that stores the cursor together with the effects, as a
//!   consumer does, gets each exactly once.
//! - At [`ChangeCursor::start`](crate::changes::ChangeCursor::start) all rows that exist, without deleted ones.
//!
//! Not delivered: what raw SQL changes without a new `_txid` (call `restart_changes`), what the runner of migrations
//! changes, and the deletion of a row that was purged before it was read. `purge_deleted` leaves
//! rows whose deletion a consumer has not read; `purge` does not ask. For readers that keep their cursor themselves,
//! let deleted rows live longer than a reader may be away.
//!
//! The handle of an owner delivers the rows of the owner. A row that is given to another owner leaves them without
//! a change; the new owner gets it as `Updated`.
//!
//! # Delay
//!
//! A change is delivered when all transactions with smaller numbers have ended. On PostgreSQL one transaction that
//! stays open delays all later changes, whatever it does and in whichever database of the server; `change_lag`
//! reports it, and `idle_in_transaction_session_timeout` ends such transactions. SQLite has one writer, so nothing
//! is delayed.
//!
//! A subscription reads again after 5 milliseconds, and twice as long after each reading without changes, up to half
//! a second (`at_most_every`). It needs no trigger and no `NOTIFY`, which would take a lock of the whole database at
//! each commit.
//!
//! # Restored databases
//!
//! A cursor names the database and its counter of transactions. After a restore the numbers begin again, and a
//! reader would miss changes; it gets [`Kind::Resync`](crate::Kind::Resync) instead: discard what was derived from
//! the rows, and begin at `ChangeCursor::start()`.
//!
//! | database | noticed |
//! |---|---|
//! | PostgreSQL | Another server, database or timeline: dump and restore, recovery to a point in time, failover. |
//! | SQLite | Another history of migrations, or a counter that is behind the cursor. A copy that was put into its place and has caught up since is not: call `restart_changes` after that. |
