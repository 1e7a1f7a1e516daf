//! A schema compiler for Rust: annotated structs become tables, typed handles and migrations that
//! are checked when the application is built. PostgreSQL and embedded SQLite, the same code on both.
//!
//! # A complete application
//!
//! Cargo.toml depends on `kontract`, `serde` and `tokio`, and in `[build-dependencies]` on
//! `kontract-build`; `build.rs` is `fn main() { kontract_build::compile(); }`
//! (`kontract init` writes both). Then `src/main.rs`:
//!
//! ```
//! use kontract::prelude::*;
//!
//! #[derive(Serialize, Deserialize, Table)]
//! # #[table(standalone)]
//! pub struct User {
//!     #[primkey]
//!     pub id: String,
//!     pub name: String,
//!     #[unique]
//!     pub email: String,
//!     pub age: f64,
//! }
//!
//! # /*
//! kontract::storage!(); // brings in `Storage`, with a handle for each table
//! # */
//! # struct Storage { users: kontract::Table<User> }
//! # impl Storage {
//! #     async fn connect(_: &str) -> kontract::Result<Storage> {
//! #         let base = kontract::storage::Base::open("sqlite::memory:").await?;
//! #         base.create::<User>().await?;
//! #         Ok(Storage { users: base.table() })
//! #     }
//! # }
//!
//! #[tokio::main]
//! async fn main() -> kontract::Result<()> {
//!     // Or postgres://user:password@host/database. Pending migrations are applied first.
//!     let storage = Storage::connect("sqlite:app.db").await?;
//!
//!     let ann = storage.users.insert(NewUser::new("Ann", "ann@example.org", 30.0)).await?;
//!     storage.users.update(&ann.id, User::patch().name("Anna")).await?;
//!     let adults: Vec<User> = storage.users.query(User::age.ge(18.0)).await?;
//!     assert_eq!(adults[0].name, "Anna");
//!     Ok(())
//! }
//! ```
//!
//! The build writes `kontract.lock.json`, which describes the database; commit it. When a struct
//! changes, the build compares it with that file: a safe change becomes part of the next migration, a
//! change that would lose data is a compile error at its field, with what would let it pass.
//!
//! # Tables
//!
//! [`Table`](derive@Table) makes a struct a table, [`Enum`] and [`Document`](derive@Document) make types for
//! fields. [`reference::attributes`] lists every attribute, [`reference::types`] every type of a field
//! and its columns. A table has one of two layouts: `document` (the default) keeps the fields in one
//! JSON column, `columns` has a column for each field.
//!
//! # Reading and writing rows
//!
//! A handle, [`Table`](struct@Table), has `get insert set update delete upsert`, for one row and for many, and `push
//! pop shift` for queues. Each is one statement in one round trip. `NewUser` is what an insert takes,
//! `User::patch()` what an update sets; see [`table`].
//!
//! # Queries
//!
//! `storage.users.query(…)` takes a [`Filter`] of typed [`Column`]s and gives a [`Query`]: order, pages,
//! joins, groups, subqueries, projections with [`Projection`](derive@Projection). A missing join or another
//! type does not compile. The module [`query`] has its parts, [`expr`] what a database can compute.
//!
//! # Transactions
//!
//! `storage.transaction(async |tx| …)` commits at `Ok` and rolls back at `Err`; serialization failures
//! and deadlocks are retried. [`Transaction`] has the options, [`Isolation`] the levels.
//!
//! # Raw SQL
//!
//! `storage.sql("SELECT …")` runs a statement as text, with bound values and typed rows; see [`raw`].
//!
//! # Errors
//!
//! Every operation returns a [`Result`] with one [`Error`]. [`Error::kind`] is what a program matches
//! on; [`Kind`] says when each happens and what to do.
//!
//! # Migrations
//!
//! `Storage::connect` applies them: one process at a time, each in a transaction together with its
//! record. [`migrate`] has the runner for programs that run migrations themselves, and migrations in
//! Rust. [`reference::configuration`] describes `kontract.toml` and the environment variables,
//! [`reference::storage`] what [`storage!`] brings in.
//!
//! # Features
//!
//! | feature | what it adds |
//! |---|---|
//! | `decimal` | fields of type `Decimal` (crate `rust_decimal`) |
//! | `jiff`, `chrono`, `time` | fields of the date and time types of these crates |
//! | `tls` | encrypted connections to PostgreSQL |
#![forbid(unsafe_code)]

/// ```
/// use kontract::prelude::*;
///
/// #[derive(Serialize, Deserialize, Document)]
/// pub struct Address {
///     pub street: String,
///     pub zip: String,
/// }
///
/// # /*
/// #[derive(Table)]
/// #[table(layout = "columns")]
/// pub struct Customer {
///     #[primkey]
///     pub id: Uuid,
///     pub home: Address,
/// }
///
/// let in_bern = storage.customers.query(Customer::home.at(Address::zip).starts_with("30")).await?;
/// # */
/// ```
pub use kontract_macros::Document;
/// ```
/// use kontract::prelude::*;
///
/// #[derive(Debug, PartialEq, Enum)]
/// pub enum Status {
///     Draft,
///     Published,
/// }
///
/// # /*
/// #[derive(Table)]
/// #[table(layout = "columns")]
/// pub struct Post {
///     #[primkey]
///     pub id: i64,
///     #[default(Status::Draft)]
///     pub status: Status,
/// }
///
/// let public = storage.posts.query(Post::status.eq(Status::Published)).await?;
/// # */
/// ```
pub use kontract_macros::Enum;
/// ```
/// use kontract::prelude::*;
/// # #[derive(Table)]
/// # #[table(layout = "columns", standalone)]
/// # struct User { #[primkey] id: i64, name: String, born: Option<i32> }
///
/// #[derive(Projection)]
/// #[projection(User)]
/// struct Line {
///     name: String,
///     #[column(User::born.or_else(0))]
///     year: i32,
/// }
///
/// # async fn example(users: kontract::Table<User>) -> kontract::Result<()> {
/// let lines: Vec<Line> = users.list().select_as::<Line>().await?;
/// # Ok(()) }
/// ```
pub use kontract_macros::Projection;
/// ```
/// use kontract::prelude::*;
///
/// #[derive(Table)]
/// #[table(layout = "columns", standalone)]
/// pub struct Country {
///     #[primkey]
///     pub code: String,
///     pub name: String,
///     #[default(0)]
///     pub people: i64,
/// }
///
/// let new = NewCountry::new("Austria").code("at").people(9_000_000);
/// let patch = Country::patch().name("Österreich");
/// let large: kontract::Filter<Country> = Country::people.gt(1_000_000);
/// ```
pub use kontract_macros::Table;
pub use kontract_macros::{Value, storage};
#[cfg(feature = "decimal")]
pub use kontract_runtime::Decimal;
pub use kontract_runtime::{
    Bytes, Column, DatabaseError, Error, Filter, Isolation, Json, KeylessTable, Kind, Owner, Query,
    Result, Table, Timestamp, Transaction, Uuid,
};
// Sealed migrations in Rust name these at the root, and their files may not change.
#[doc(hidden)]
pub use kontract_runtime::{Dialect, Migration, MigrationDb};
// The compiler names the words of types by this short path in its errors.
#[doc(hidden)]
pub use kontract_runtime::__private::words;

pub mod prelude;

pub mod changes;
pub mod expr;
pub mod migrate;
pub mod query;
pub mod raw;
pub mod storage;
pub mod table;
pub mod value;

pub mod reference;

/// What generated code uses. Not part of the public interface: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use kontract_runtime::__private::*;
    pub use kontract_runtime::manage::Migrator;
    pub use kontract_runtime::{Computes, KeylessTable, Member, RowsOf, Table};
}
