//! Owners: what `storage.as_owner(id)` sees and changes.
//!
//! `storage.as_owner("ann")?` returns the [`OwnerStorage`](super::storage) of an owner, a user or a tenant. Its
//! handles have the same methods as those of `Storage`; each statement is limited to the rows whose column `_owner`
//! is `ann`. The row of another owner is as if it did not exist: in results, counts, joins, subqueries and errors.
//! `Storage` itself is the system: it sees all rows, and rows that it inserts belong to the owner `system`.
//!
//! # Tables
//!
//! | table | in `OwnerStorage` |
//! |---|---|
//! | layout `document`, or `#[table(owned)]` | Each row has an owner: own rows only. |
//! | `#[table(shared)]` | All rows, for all owners. |
//! | neither | No handle. A join or subquery of the table fails with [`Kind::Forbidden`](crate::Kind::Forbidden) before anything is sent. |
//!
//! A table that says neither stays out of reach, so that a new table is not open to all owners by oversight.
//!
//! # Owners
//!
//! | scope | rows that are seen and changed | owner of new rows |
//! |---|---|---|
//! | `storage.as_owner("ann")?` | those of `ann` | `ann` |
//! | `Owner::new("ann").and("team-7")` | those of both | `ann` |
//! | `Owner::new("ann").and("team-7").writing_as("team-7")` | those of both | `team-7` |
//!
//! [`Owner`](crate::Owner) takes any text except the empty one, one with a NUL character, and `system`; `as_owner`
//! refuses these. Names are bound as values, never part of a statement. They are compared byte by byte: `Ann` is not
//! `ann`.
//!
//! # Operations
//!
//! | operation | with the row of another owner |
//! |---|---|
//! | `get`, `get_row`, `get_many`, `exists`, `count`, queries, pages, streams | not found, not counted |
//! | `update`, `update_if`, `transfer` | [`Kind::NotFound`](crate::Kind::NotFound) |
//! | `delete`, `purge`, `restore`, `update_many`, `delete_many`, `pop`, `shift` | nothing happens |
//! | `insert`, `set`, `upsert` with its key or unique values | [`Kind::Unique`](crate::Kind::Unique), also if the row is deleted; the row stays as it is |
//! | a query's `update` and `delete` | not among the rows |
//!
//! The storage of an owner has no raw SQL and no migrator, and nothing makes a handle without an owner of one that has
//! an owner. In a transaction, the closure gets an `OwnerStorage` of the same owner. Of a query that has parts from
//! several handles (unions, subqueries), the handle that runs it decides: if it has an owner, each table of the
//! statement is limited to its rows.
//!
//! # Transfer
//!
//! `storage.users.transfer(key, "bob")` gives a row to another owner, in one statement; it fails with
//! [`Kind::NotFound`](crate::Kind::NotFound) if there is no such row. The handle of an owner gives away own rows
//! only, so `storage.as_owner("ann")?.users.transfer(key, "bob")` succeeds for one of several callers at the same time. No write of the former owner changes the row after it: each statement compares the owner
//! again when it has waited for the transfer.
//!
//! # Limits
//!
//! - Keys and unique indexes are those of the whole table. That a key is taken tells that some owner has a row with it. Use
//!   keys that cannot be guessed, such as UUIDs, which are the default for a key of type `Uuid`, and put a field that
//!   belongs to the owner into unique indexes: `#[table(unique(team, name))]`.
//! - Foreign keys are checked by the database: a row can refer to the row of another owner if its key is known, and
//!   `on_delete = "cascade"` deletes the rows of other owners that refer to it.
//! - `_txid` and `_order` come from counters of the whole database.
//! - Owners are a filter of statements, not of the database: other programs and raw SQL of `Storage` see all rows.
//!
//! # Example
//!
//! ```
//! # use kontract::prelude::*;
//! #[derive(Clone, Debug, PartialEq, Table)]
//! #[table(layout = "columns", standalone, owned)]
//! pub struct Letter {
//!     #[primkey]
//!     id: i64,
//!     text: String,
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> kontract::Result<()> {
//! # let storage = kontract::storage::Base::open("sqlite::memory:").await?;
//! # storage.create::<Letter>().await?;
//! let (ann, bob) = (storage.as_owner("ann")?, storage.as_owner("bob")?);
//! ann.table().insert(Letter { id: 1, text: "Dear Bob".into() }).await?;
//!
//! let letters = bob.table::<Letter>();
//! assert_eq!(letters.get(1).await?, None);
//! let taken = letters.insert(Letter { id: 1, text: "Dear Ann".into() }).await.unwrap_err();
//! assert!(matches!(taken.kind(), kontract::Kind::Unique { .. }));
//!
//! ann.table::<Letter>().transfer(1, "bob").await?;
//! assert_eq!(letters.get(1).await?.unwrap().text, "Dear Bob");
//! # Ok(()) }
//! ```
