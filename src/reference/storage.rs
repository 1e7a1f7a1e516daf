//! What `storage!()` brings in: `Storage`, `OwnerStorage` and `StorageRegistry`.
//!
//! Call [`storage!`](crate::storage!) once, in the root of the crate (`main.rs` or `lib.rs`). It expands to what the
//! build script found in the package's sources.
//!
//! # `Storage`
//!
//! | item | meaning |
//! |---|---|
//! | `Storage::connect(url).await` | Opens the database and applies pending migrations. |
//! | `storage.users`, … | A [`Table`](struct@crate::Table) for each `#[derive(Table)]` struct, by the logical name. Public if the struct is. |
//! | `storage.transaction(async \|tx\| …).await` | Runs the closure in a transaction on the `Storage` that it gets. `Ok` commits; `Err`, a panic and a dropped future roll back. After a serialization failure or deadlock the closure runs again, up to five times. Inside another transaction it is a savepoint. |
//! | `storage.transaction_with(options, …).await` | As `transaction`, with a [`Transaction`](crate::Transaction): isolation level, read only, tries. |
//! | `storage.changes(cursor).await` | The rows of all tables that changed since the [`cursor`](crate::changes::ChangeCursor); see [changes](super::changes). |
//! | `storage.subscribe(cursor)` | Those changes as a stream, which waits for new ones. |
//! | `storage.as_owner(id)?` | The [`OwnerStorage`](#ownerstorage) of an owner. |
//! | `Storage::migrator(url)` | The [`Migrator`](crate::migrate::Migrator) of the package, without connecting. |
//! | `storage.sql("…")`, `storage.verify()`, `storage.close()`, … | The methods of [`Base`](crate::storage::Base), to which `Storage` dereferences. |
//!
//! `Storage` is `Clone`: clones share the connections. Tables with `standalone` have no handle; `storage.table::<T>()` gives one.
//!
//! # `OwnerStorage`
//!
//! What `storage.as_owner("ann")?` returns: a handle for each table that is owned or shared, bound to the owner.
//! It has `transaction` and `transaction_with`, and nothing else of `Storage`: no raw SQL, no migrator. It is a
//! type of its own, so a function that takes `&OwnerStorage` cannot be given the storage that sees all rows. See
//! [owners](super::owners).
//!
//! # `StorageRegistry`
//!
//! The implementation of [`HasRegistry`](crate::storage::HasRegistry): the package's name, the version
//! and hash of its schema, its lock file and its migrations in Rust.
//!
//! # Addresses
//!
//! | address | database |
//! |---|---|
//! | `postgres://user:password@host:5432/database` | PostgreSQL; `?sslmode=require` needs the feature `tls`. |
//! | `sqlite:app.db`, `sqlite:///var/app.db` | A file, created if it does not exist. |
//! | `sqlite:app.db?mode=rw`, `?mode=ro` | A file that must exist; `ro` only reads. |
//! | `sqlite::memory:` | A database in memory with one connection. |
//!
//! # Errors
//!
//! `connect` fails with [`Kind::Url`](crate::Kind::Url), `Connection`, `Denied` or `NoDatabase` if the
//! database cannot be opened, and with `Migration` if it cannot be brought to the schema of the program:
//! a failed migration, a newer schema that is not compatible, a draft in a release build.
//!
//! What belongs to no struct (a removed table, a migration file with an error) is a compile error at
//! `storage!()`. So is a missing build script.
