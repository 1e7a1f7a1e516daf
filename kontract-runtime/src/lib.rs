//! The runtime of Kontract: connections, migrator, typed tables.
//!
//! ```text
//! Storage::connect ──▶ base ──▶ migrate ── history, lock file ──▶ one transaction each
//!                       │
//!                       ▼
//!                     table, query ──▶ lower, statements ──▶ kontract_schema::sql::dml ──▶ text
//!                       │  ▲
//!      record, value ◀──┘  └── rows
//!            │                  ▲
//!            ▼                  │
//!          datum ──▶ backend/{postgres, sqlite} ──▶ the database
//! ```
//!
//! An application names only the crate `kontract`, which re-exports all of this, and starts at the
//! `Storage` that its build script wrote. What a handle can do is listed at [`Table`], conditions
//! at [`Column`], rows by a condition at [`Query`], what can go wrong at [`Kind`].
//!
//! | feature | what it brings |
//! |---|---|
//! | `decimal` | `Decimal` of `rust_decimal` |
//! | `jiff`, `chrono`, `time` | the dates and times of those crates |
//! | `tls` | encrypted connections to PostgreSQL |

pub mod error;
mod types;

pub mod datum;
pub mod value;
mod wire;

mod assign;
mod backend;
mod derived;
mod document;
mod id;
mod json;
mod meta;
pub mod record;
#[doc(hidden)]
pub mod words;

mod expr;
mod filter;
mod lower;
mod node;
mod patch;
mod plain;
mod query;
pub mod scope;
mod table;
mod transaction;

mod base;
pub mod inspect;
mod migrate;
mod raw;
pub mod scratch;

pub use kontract_schema::dialect::Dialect;
pub use serde_json::Value as Json;
pub use uuid::Uuid;

#[cfg(feature = "decimal")]
pub use rust_decimal::Decimal;

pub use crate::assign::Assign;
pub use crate::backend::stream::Rows;
pub use crate::base::{Base, HasRegistry, Registry};
pub use crate::error::{DatabaseError, Error, Kind, Result};
pub use crate::expr::{
    Expr, FromPath, HasPaths, List, Member, Nullable, Number, Operand, Path, Step, Summable,
    TextField, count, exists, scalar, value,
};
pub use crate::filter::{Column, Filter, Order};
pub use crate::migrate::rust::{Migration, MigrationDb};
pub use crate::migrate::{manage, rust as migration, script};
pub use crate::patch::Patch;
pub use crate::plain::{Bind, Columns, Plain};
pub use crate::query::{
    Computes, Connected, Cursor, Detached, GoesOn, Groups, InsertInto, Keys, Outputs, Page, Pages,
    PlainFields, Projection, Query, RefersTo, RowsOf, SelectAs, Selects, Shape, Whole, With,
    WithCounts, from, record,
};
pub use crate::raw::{AssertSafe, Raw, SafeSql};
pub use crate::record::{Insert, Key, Ordered, Record, SoftDelete, Versioned};
pub use crate::scope::{Scope, Source};
pub use crate::table::{Row, Table, UniqueBy};
pub use crate::transaction::{Isolation, Transaction};
pub use crate::types::{Bytes, Timestamp};
pub use crate::value::Value;

/// What generated code uses. Not part of the public interface: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use crate::assign::{Assign, give, or, put};
    pub use crate::base::{Base, HasRegistry, Registry};
    pub use crate::datum::Datum;
    pub use crate::derived::{Described, Moment, or_now};
    pub use crate::error::{Error, Kind, Result};
    pub use crate::expr::HasPaths;
    pub use crate::filter::{Column, Filter};
    pub use crate::id::{NewId, new_id};
    pub use crate::meta::{LazyMeta, Meta};
    pub use crate::migrate::rust::{Code, RustMigration};
    pub use crate::patch::Patch;
    pub use crate::plain::Plain;
    pub use crate::query::{HasAlways, Outputs, SelectAs, Shape, row};
    pub use crate::record::{
        Binder, FromColumns, Insert, Key, Ordered, Reader, Record, SoftDelete, ToColumns,
        Versioned, document, field, fields, from_document, object_from_datum, object_to_datum,
        variant_from_datum, variant_to_datum,
    };
    pub use crate::scope::{Always, Has, Sometimes, Source};
    pub use crate::transaction::{Transaction, transaction};
    pub use crate::types::{Bytes, Timestamp};
    pub use crate::value::Value;
    pub use crate::words::{self, Is, assert_is, assert_value};
    pub use kontract_schema::Type;
    pub use uuid::Uuid;

    /// Refuses to compile a struct that is not the one in the registry.
    ///
    /// # Panics
    /// At compile time, where the build script saw another struct than the derive.
    pub const fn assert_registered(derived: u64, scanned: u64) {
        // Zero is what a derive says that has reported an error already.
        assert!(
            derived == scanned || derived == 0,
            "the build script saw another struct than the derive: a `cfg`, a macro or a type alias \
             hides a field from it. Write the fields plainly, or mark the table `standalone`"
        );
    }
}
