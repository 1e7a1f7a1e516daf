//! The runtime of Kontract: connections, migrator, typed tables.
//!
//! Four floors, each of which uses only those below it; `migrate` is beside them, on `driver`.
//!
//! ```text
//! api     storage, transaction, table, query, expr ──▶ migrate
//!  │
//! sql     scope, tree ──▶ lower, table_statements ──▶ kontract_schema::sql::dml ──▶ text
//!  │
//! driver  statement, many_rows, shared_transaction, capabilities ──▶ postgres, sqlite
//!  │
//! value   a field ⇄ datum ⇄ row; types, documents
//! ```
//!
//! An application names only the crate `kontract`, which re-exports all of this, and starts at the
//! `Storage` that its build script generates. See [`Table`] for operations by key, [`Column`] for
//! conditions, [`Query`] for queries, and [`Kind`] for errors.
//!
//! | feature | adds |
//! |---|---|
//! | `decimal` | `Decimal` of `rust_decimal` |
//! | `jiff`, `chrono`, `time` | the dates and times of those crates |
//! | `tls` | encrypted connections to PostgreSQL |

mod api;
mod driver;
pub mod error;
mod migrate;
mod sql;
mod value;

pub use kontract_schema::dialect::Dialect;
pub use serde_json::Value as Json;
pub use uuid::Uuid;

#[cfg(feature = "decimal")]
pub use rust_decimal::Decimal;

pub use crate::api::changes::{
    AnyChange, Change, ChangeCursor, ChangeKind, ChangeLag, Changes, Consumer, HasCursor,
    ReadAllChanges, ReadChanges, Subscription,
};
pub use crate::api::expr::{
    Expr, FromPath, HasPaths, List, Member, Nullable, Number, Operand, Path, RangeField, Step,
    Summable, TextField, count, exists, scalar, value,
};
pub use crate::api::filter::{Column, Filter, Order};
pub use crate::api::inspector as inspect;
pub use crate::api::operation::Operation;
pub use crate::api::owner_storage::OwnerBase;
pub use crate::api::patch::Patch;
pub use crate::api::query::{
    Computes, Connected, Cursor, Detached, GoesOn, Groups, InsertInto, Keys, Outputs, Page, Pages,
    PlainFields, Projection, Query, RefersTo, RowsOf, SelectAs, Selects, Shape, Whole, With,
    WithCounts, from, record,
};
pub use crate::api::raw_statement::{AssertSafe, Raw, SafeSql};
pub use crate::api::storage::Base;
pub use crate::api::table::{KeylessTable, Row, Table, TableHandle, UniqueBy};
pub use crate::driver::options::{Isolation, Transaction};
pub use crate::driver::scratch_database as scratch;
pub use crate::driver::stream::Rows;
pub use crate::error::{DatabaseError, Error, Kind, Result};
pub use crate::migrate::registry::{HasRegistry, Registry};
pub use crate::migrate::rust::{Migration, MigrationDb};
pub use crate::migrate::{manage, rust as migration, script};
pub use crate::sql::owner::Owner;
pub use crate::sql::record::{
    DeletedAt, Distinct, GivenRow, Insert, Keyed, NewRow, Ordered, Owned, OwnerTable, Record,
    SoftDelete, Tracked, Versioned,
};
pub use crate::sql::scope::{Paged, Scope, Source};
pub use crate::sql::{record, scope};
pub use crate::value::Value;
pub use crate::value::assign::Assign;
pub use crate::value::datum;
#[doc(hidden)]
pub use crate::value::field_type_proof as words;
pub use crate::value::range::{ParseRangeError, Range, RangeValue};
pub use crate::value::raw_columns::{Bind, Columns, Plain};
pub use crate::value::row::Key;
pub use crate::value::types::{
    Bits, Bytes, Interval, IpNet, MacAddr, ParseAddressError, ParseBitsError, ParseIntervalError,
    Timestamp,
};

/// The items that generated code uses. Not part of the public interface: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use crate::api::changes::{
        AnyChange, ChangeCursor, ReadAllChanges, Subscription, changes_of,
    };
    pub use crate::api::expr::{HasPaths, Number, Summable, TextField};
    pub use crate::api::filter::{Column, Filter};
    pub use crate::api::owner_storage::OwnerBase;
    pub use crate::api::patch::Patch;
    pub use crate::api::query::{HasAlways, Outputs, SelectAs, Shape, row};
    pub use crate::api::storage::Base;
    pub use crate::api::transaction::transaction;
    pub use crate::driver::options::Transaction;
    pub use crate::error::{Error, Kind, Result};
    pub use crate::migrate::registry::{HasRegistry, Registry};
    pub use crate::migrate::rust::{Code, RustMigration};
    pub use crate::sql::meta::{LazyMeta, Meta};
    pub use crate::sql::owner::Owner;
    pub use crate::sql::record::{
        DeletedAt, Distinct, GivenRow, Insert, Keyed, NewRow, Ordered, Owned, OwnerTable, Record,
        SoftDelete, Tracked, Versioned, document, from_document, given,
    };
    pub use crate::sql::scope::{Always, Has, Sometimes, Source};
    pub use crate::value::Value;
    pub use crate::value::assign::{Assign, give, or, or_constant, put};
    pub use crate::value::datum::Datum;
    pub use crate::value::derived::{
        Described, Moment, Newtype, items_to_member, object_from_datum, object_to_datum, or_moment,
        or_now, variant_from_datum, variant_to_datum,
    };
    pub use crate::value::field_type_proof::{self as words, Is, assert_is, assert_value};
    pub use crate::value::id::{NewId, new_id};
    pub use crate::value::raw_columns::Plain;
    pub use crate::value::row::{Binder, FromColumns, Key, Made, Reader, ToColumns, field, fields};
    pub use crate::value::types::{Bytes, Timestamp};
    pub use kontract_schema::Type;
    pub use kontract_schema::sql::dml::Function;
    pub use uuid::Uuid;

    /// Fails to compile if a struct differs from the one in the registry.
    ///
    /// # Panics
    /// At compile time, if the build script saw another struct than the derive.
    pub const fn assert_registered(derived: u64, scanned: u64) {
        // A derive that has reported an error already passes zero.
        assert!(
            derived == scanned || derived == 0,
            "the build script saw another struct than the derive: a `cfg`, a macro or a type alias \
             hides a field from it. Write the fields plainly, or mark the table `standalone`"
        );
    }
}
