//! `Table<R>`: rows by key.
//!
//! Each operation on one row is one statement in one round trip. On a table with soft delete,
//! deleted rows are invisible to all of them except where they say otherwise; every change of a row
//! gives it the next version and the id of its transaction.

mod batch;
mod queue;
mod row;
mod upsert;

use std::marker::PhantomData;
use std::sync::Arc;

use kontract_schema::dialect::Dialect;

pub use self::row::Row;
pub(crate) use self::row::decode_row;
pub use self::upsert::UniqueBy;
use crate::api::filter::Filter;
use crate::api::patch::Patch;
use crate::api::query::Query;
use crate::driver::Backend;
use crate::driver::statement::{PreparedStatement, no_rows};
use crate::error::{Error, Kind, Result};
use crate::sql::error_context;
use crate::sql::meta::Meta;
use crate::sql::record::{Insert, Record, SoftDelete, Versioned};
use crate::sql::table_statements::Build;
use crate::sql::tree::Changes;
use crate::value::assign::Assign;
use crate::value::datum::Datum;
use crate::value::field_value::Value;
use crate::value::row::{Binder, Key};
use crate::value::types::Timestamp;

/// To whom rows belong that the plain storage writes.
pub(crate) const SYSTEM: &str = "system";

/// A handle to the rows of one table. Cheap to clone.
///
/// ```
/// # use kontract_doc_tables::*;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// # let (users, tasks) = demo().await?;
/// if let Some(user) = users.get(1).await? {
///     println!("{} of {} users", user.name, users.count().await?);
/// }
/// assert_eq!(users.get(99).await?, None);
/// # Ok(()) }
/// ```
pub struct Table<R> {
    pub(crate) backend: Arc<Backend>,
    of: PhantomData<fn() -> R>,
}

impl<R> Clone for Table<R> {
    fn clone(&self) -> Self {
        Table { backend: Arc::clone(&self.backend), of: PhantomData }
    }
}

impl<R: Record> Table<R> {
    pub(crate) fn new(backend: Arc<Backend>) -> Table<R> {
        Table { backend, of: PhantomData }
    }

    pub(crate) fn meta(&self) -> &'static Meta {
        R::meta()
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.backend.dialect()
    }

    pub(crate) fn build(&self) -> Build<'static> {
        Build { meta: R::meta(), dialect: self.dialect() }
    }

    /// The row with that key.
    ///
    /// # Errors
    /// Of the connection; [`Kind::Decode`] where the row does not fit the struct.
    pub async fn get(&self, key: impl Assign<R::Key>) -> Result<Option<R>> {
        let sql = self.build().get();
        self.one(&sql, &key.assign(), R::decode).await.map_err(self.explain("get from"))
    }

    /// The row with that key and its bookkeeping, also where it is deleted.
    ///
    /// # Errors
    /// As [`Table::get`].
    pub async fn get_row(&self, key: impl Assign<R::Key>) -> Result<Option<Row<R>>> {
        let sql = self.build().get_row();
        self.one(&sql, &key.assign(), decode_row::<R>).await.map_err(self.explain("get from"))
    }

    /// Whether there is a row with that key.
    ///
    /// # Errors
    /// Of the connection.
    pub async fn exists(&self, key: impl Assign<R::Key>) -> Result<bool> {
        let sql = self.build().exists();
        let found = self.one(&sql, &key.assign(), no_rows).await;
        Ok(found.map_err(self.explain("look-up in"))?.is_some())
    }

    /// Adds a row: a record, or its `New…` struct, whose ids, defaults and times are filled in.
    /// Returns it as it is stored. A deleted row with the same key is replaced by it.
    ///
    /// # Errors
    /// [`Kind::Unique`] where there is a row with that key or other unique values, [`Kind::Check`],
    /// [`Kind::ForeignKey`]; [`Kind::Value`] for what cannot be stored.
    pub async fn insert(&self, row: impl Insert<R>) -> Result<R> {
        let record = row.into_record(Timestamp::now());
        self.put(&self.build().insert(), &record).await.map_err(self.explain("insert into"))?;
        Ok(record)
    }

    /// Stores the row whether or not there is one with its key. A deleted one comes back as this
    /// one, with the next version. Sets the times of change, and returns the row as it is stored.
    ///
    /// # Errors
    /// As [`Table::insert`], but a row with the same key is no error.
    pub async fn set(&self, row: impl Insert<R>) -> Result<R> {
        let now = Timestamp::now();
        let mut record = row.into_record(now);
        record.touch(now);
        self.put(&self.build().set(), &record).await.map_err(self.explain("set in"))?;
        Ok(record)
    }

    /// Changes some fields of the row with that key, and returns the row as it then is. A patch
    /// without any field changes nothing.
    ///
    /// # Errors
    /// [`Kind::NotFound`] where there is no such row; otherwise as [`Table::insert`].
    pub async fn update(&self, key: impl Assign<R::Key>, patch: impl Into<Patch<R>>) -> Result<R> {
        let (key, patch) = (key.assign(), patch.into());
        let changed = self.change(&key, None, patch).await.map_err(self.explain("update of"))?;
        changed.ok_or_else(|| self.not_found("update of"))
    }

    /// The same, if the row has that version.
    ///
    /// # Errors
    /// [`Kind::Conflict`] where it has another one; otherwise as [`Table::update`].
    pub async fn update_if(
        &self,
        key: impl Assign<R::Key>,
        version: i64,
        patch: impl Into<Patch<R>>,
    ) -> Result<R>
    where
        R: Versioned,
    {
        let (key, patch) = (key.assign(), patch.into());
        let explain = || self.explain("update of");
        if let Some(row) = self.change(&key, Some(version), patch).await.map_err(explain())? {
            return Ok(row);
        }
        let sql = self.build().version();
        let actual = self.one(&sql, &key, |from| crate::value::row::field::<i32>(from)).await;
        match actual.map_err(explain())?.map(i64::from) {
            None => Err(self.not_found("update of")),
            Some(actual) => {
                let what = format!("the row has version {actual}, not {version}");
                let kind = Kind::Conflict { expected: version, actual };
                Err(explain()(Error::new(kind, what).with_help("read it again and decide anew")))
            }
        }
    }

    /// Deletes the row with that key; says whether there was one. On a table with soft delete it
    /// stays and can be restored.
    ///
    /// # Errors
    /// [`Kind::ForeignKey`] where other rows refer to it.
    pub async fn delete(&self, key: impl Assign<R::Key>) -> Result<bool> {
        self.affects(&self.build().delete(), &key.assign(), "delete from").await
    }

    /// Removes the row with that key for good, deleted or not; says whether there was one.
    ///
    /// # Errors
    /// [`Kind::ForeignKey`] where other rows refer to it.
    pub async fn purge(&self, key: impl Assign<R::Key>) -> Result<bool> {
        self.affects(&self.build().purge(), &key.assign(), "purge of").await
    }

    /// Brings a deleted row back; says whether there was one.
    ///
    /// # Errors
    /// [`Kind::Unique`] where another row has its unique values by now.
    pub async fn restore(&self, key: impl Assign<R::Key>) -> Result<bool>
    where
        R: SoftDelete,
    {
        self.affects(&self.build().restore(), &key.assign(), "restore in").await
    }

    /// All rows.
    pub fn list(&self) -> Query<R> {
        Query::new(self.clone(), None)
    }

    /// The rows for which the filter is true.
    pub fn query(&self, filter: Filter<R>) -> Query<R> {
        Query::new(self.clone(), Some(filter))
    }

    /// How many rows there are.
    ///
    /// # Errors
    /// Of the connection.
    pub async fn count(&self) -> Result<u64> {
        self.list().count().await
    }

    /// A row by its key.
    async fn one<T: Send + 'static>(
        &self,
        sql: &Arc<PreparedStatement>,
        key: &R::Key,
        decode: crate::driver::statement::Decode<T>,
    ) -> Result<Option<T>> {
        let done = self.backend.run(sql, &|to| key.bind(to), decode).await?;
        Ok(done.rows.into_iter().next())
    }

    async fn affects(
        &self,
        sql: &Arc<PreparedStatement>,
        key: &R::Key,
        verb: &'static str,
    ) -> Result<bool> {
        let done = self.backend.run(sql, &|to| key.bind(to), no_rows).await;
        Ok(done.map_err(self.explain(verb))?.affected > 0)
    }

    /// Stores a record. Where the statement passes over a row that is there, that is an error.
    async fn put(&self, sql: &Arc<PreparedStatement>, record: &R) -> Result<()> {
        let meta = self.meta();
        let done = self.backend.run(sql, &|to| write(meta, record, to), no_rows).await?;
        match done.affected {
            0 if meta.has_soft_delete() => {
                // As where the database refuses it, on tables without soft delete.
                self.backend.fail().await;
                Err(self.duplicate_key())
            }
            _ => Ok(()),
        }
    }

    async fn change(
        &self,
        key: &R::Key,
        version: Option<i64>,
        patch: Patch<R>,
    ) -> Result<Option<R>> {
        let sets = self.stamped(patch)?;
        if sets.is_empty() {
            return self.one(&self.build().get(), key, R::decode).await;
        }
        let (sql, values) = self.build().update(sets, version.is_some())?;
        let values = |to: &mut dyn Binder| {
            values.iter().try_for_each(|value| to.bind(value.clone()))?;
            key.bind(to)?;
            version.map_or(Ok(()), |version| to.bind(Datum::I64(version)))
        };
        let done = self.backend.run(&sql, &values, R::decode).await?;
        Ok(done.rows.into_iter().next())
    }

    /// What a patch sets, the times of change included; nothing where it is empty.
    pub(crate) fn stamped(&self, mut patch: Patch<R>) -> Result<Changes> {
        if patch.is_empty() {
            return Ok(Changes::default());
        }
        let now = Timestamp::now();
        for place in self.meta().updated_at() {
            patch.put(place, self.meta().stamp(place, now));
        }
        patch.checked()
    }

    fn not_found(&self, verb: &'static str) -> Error {
        self.explain(verb)(Error::new(Kind::NotFound, "there is no row with that key"))
    }

    /// An error with the table and what was done to it.
    pub(crate) fn explain(&self, verb: &'static str) -> impl Fn(Error) -> Error + use<R> {
        move |error| error_context::explain(R::meta(), verb, error)
    }

    fn duplicate_key(&self) -> Error {
        Error::taken(error_context::key_name(self.meta()))
    }
}

/// The values of an insert: the record's, then the owner.
pub(crate) fn write<R: Record>(meta: &Meta, record: &R, to: &mut dyn Binder) -> Result<()> {
    record.encode(to)?;
    match meta.track().owner {
        true => SYSTEM.to_owned().to_datum().and_then(|owner| to.bind(owner)),
        false => Ok(()),
    }
}
